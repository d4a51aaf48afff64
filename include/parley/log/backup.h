#pragma once

#include <parley/core/result.h>
#include <parley/log/data_folder.h>
#include <parley/log/hash_chain.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// Verified copies of a database: backup, restore and vacuum. Each writes under a temporary name
/// beside its target, checks what it wrote, syncs it, and only then renames it: whenever the
/// machine stops, the target is the old file, or none, or the whole new one. Any thread: each call
/// opens connections of its own. Refusals: `file_refused` for a target or source that cannot be
/// one, `storage_damaged` for a source that is damaged, `storage_full`, `shutting_down` when
/// cancelled, `storage_failed` for all else. docs/backup.md
namespace parley {

/// What a verified copy holds.
struct CopyReport {
    Position position;  ///< of its last event
    std::int64_t events = 0;
    std::int64_t bytes = 0;  ///< of its file
    Digest hash{};           ///< of its last event
};

struct CopyProgress {
    std::string_view step;  ///< "copying", "verifying"
    std::int64_t done = 0;  ///< pages; both 0 while verifying
    std::int64_t total = 0;
};

struct CopyOptions {
    bool replace = false;  ///< whether an existing target may be replaced
    std::function<void(const CopyProgress&)> progress;  ///< may be empty
    std::function<bool()> cancelled;                    ///< may be empty; asked often
};

/// Copies the database `source` to the file `target`; a server may go on writing to it meanwhile.
/// Copies one read snapshot through SQLite's backup API: the server's WAL cannot restart for as
/// long as that takes. The copy is one file, without a WAL.
Result<CopyReport> backUp(const std::filesystem::path& source, const std::filesystem::path& target,
                          const CopyOptions& options);

/// The same into `folder`, under the name that `nameOf` makes of what the copy holds.
Result<CopyReport> backUpAs(const std::filesystem::path& source,
                            const std::filesystem::path& folder,
                            const std::function<std::string(const CopyReport&)>& nameOf,
                            const CopyOptions& options);

/// Puts a verified copy of `backup` into a folder that this process owns. Refuses where there is
/// a database, or anything left of one.
Result<CopyReport> restore(const std::filesystem::path& backup, const DataFolder& folder,
                           const CopyOptions& options);

struct VacuumReport {
    CopyReport after;
    std::int64_t bytesBefore = 0;
};

/// Writes the database of a folder that this process owns anew, densely packed, in place of the old
/// one. Needs room for one copy. Refuses while another process has the database open.
Result<VacuumReport> vacuum(const DataFolder& folder, const CopyOptions& options);

/// Reads the whole file: SQLite's integrity check, the hash chain, the head.
Result<CopyReport> verifyCopy(const std::filesystem::path& file, const CopyOptions& options);

}  // namespace parley
