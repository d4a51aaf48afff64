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

/// How far the log had come, as somebody outside of it remembers.
struct HeadMark {
    Position position;
    Digest hash{};
};

/// `parley.head`: the position and hash of the last commit, noted beside the database after each
/// commit and before anybody is told of it. A database whose WAL was left behind opens without a
/// complaint and lacks its last events: only this note knows. It is not synced, so after a power
/// loss it may be behind the log, never before it. Writer's thread only.
class HeadWitness {
public:
    /// What the note in `folder` says; nothing when there is none, or none that makes sense, as
    /// after a power loss. Refuses as `storage_failed` where it may not be read.
    static Result<std::optional<HeadMark>> read(const std::filesystem::path& folder);
    /// Opens the note, creating it where there is none.
    static Result<std::unique_ptr<HeadWitness>> open(const std::filesystem::path& folder);

    /// Makes the note anew where it was deleted or replaced since it was opened, so that it does
    /// not go on into a file that has lost its name. `head`: what is committed.
    void lookAfter(const HeadMark& head);

    /// Notes a commit. A note that cannot be written is logged once; the log itself is safe.
    void note(const HeadMark& head);

private:
    HeadWitness(std::filesystem::path name, Descriptor file)
        : name_(std::move(name)), file_(std::move(file)) {}
    std::filesystem::path name_;
    Descriptor file_;
    bool complained_ = false;
};

/// Whether `folder` has a note that makes no sense: damaged, or torn by a power loss. Whether the
/// log's last events are there cannot be known then. False where the note may not be read.
bool isNoteDamaged(const std::filesystem::path& folder);

/// Whether the database is there, where the note says that there was a log; to be asked before
/// a new one is made. Refuses as `storage_damaged`.
Result<void> checkDatabaseIsThere(const std::filesystem::path& folder);

/// Whether the log reaches what the note says, with the same hash there. Refuses as
/// `storage_damaged`, saying what is missing and what to do; as `storage_failed` where the note may
/// not be read.
Result<void> checkWitness(Database& db, const std::filesystem::path& folder);

}  // namespace parley
