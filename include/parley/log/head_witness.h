#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace parley {

/// How far the log had come, as remembered outside of it.
struct HeadMark {
    Position position;  ///< of the last event; 0: the log was empty
    Digest hash{};      ///< of that event
};

/// `parley.head`: the position and hash of the last commit, noted beside the database after each
/// commit and before any client hears of it. A database that lost its WAL opens without a complaint
/// and lacks its last events: only this note tells. It is not synced, so after a power loss it may
/// be behind the log, never ahead of it. Writer's thread only.
class HeadWitness {
public:
    /// What the note in `folder` says; nothing where there is none, or where it makes no sense, as
    /// after a power loss. Refuses as `storage_failed` where it may not be read. Any thread.
    static Result<std::optional<HeadMark>> read(const std::filesystem::path& folder);
    /// Opens the note, creating it where there is none; changes nothing in it. Refuses as
    /// `storage_failed`.
    static Result<std::unique_ptr<HeadWitness>> open(const std::filesystem::path& folder);

    /// Makes the note anew where it was deleted or replaced since it was opened: else it would be
    /// written to a file that has lost its name. `head`: what is committed.
    void lookAfter(const HeadMark& head);

    /// Notes a commit: one write of 86 bytes over the last note. Call it after the
    /// commit and before the outcome is published. A failure is logged once and changes nothing
    /// else: the log itself is safe.
    void note(const HeadMark& head);

private:
    HeadWitness(std::filesystem::path name, Descriptor file)
        : name_(std::move(name)), file_(std::move(file)) {}
    std::filesystem::path name_;
    Descriptor file_;
    bool complained_ = false;
};

/// Whether `folder` has a note that makes no sense: damaged, or torn by a power loss. Then nobody
/// can tell whether the log's last events are there. False where the note may not be read. Any
/// thread.
bool isNoteDamaged(const std::filesystem::path& folder);

/// Refuses as `storage_damaged` where the note says that there was a log, but the database is
/// missing; as `storage_failed` where the note may not be read. Call before a new one is made.
Result<void> checkDatabaseIsThere(const std::filesystem::path& folder);

/// Refuses as `storage_damaged` a log that does not reach what the note says, or has another hash
/// there, and says what is missing and what to do; as `storage_failed` where the note may not be
/// read.
Result<void> checkWitness(Database& db, const std::filesystem::path& folder);

}  // namespace parley
