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

/// What a verified copy holds, as read from the copy itself.
struct CopyReport {
    Position position;  ///< of its last event
    std::int64_t events = 0;
    std::int64_t bytes = 0;  ///< of its file
    Digest hash{};           ///< of its last event
};

/// How far a call has come.
struct CopyProgress {
    std::string_view step;  ///< "copying", "verifying"; static storage
    std::int64_t done = 0;  ///< pages; both 0 while verifying
    std::int64_t total = 0;
};

/// How a copy is made. Both functions are called on the caller's thread, before the call returns,
/// and must not call SQLite.
struct CopyOptions {
    bool replace = false;  ///< whether an existing target may be replaced
    std::function<void(const CopyProgress&)> progress;  ///< may be empty; told of every step
    /// May be empty. Asked every limits::kBackupStepPages pages of a copy, before each page that a
    /// check reads, and every few megabytes that go to the disk, so it must be cheap. Once it says
    /// true, the call removes what it wrote and refuses with `shutting_down`.
    std::function<bool()> cancelled;
};

/// Copies the database `source` to the file `target`; a server may go on writing to it meanwhile.
/// Copies one read snapshot through SQLite's backup API: the server's WAL cannot restart for as
/// long as that takes. The copy is one file, without a WAL, and holds the sessions too. Needs room
/// for the whole database beside `target`. When it returns, the copy and its name are on the disk.
Result<CopyReport> backUp(const std::filesystem::path& source, const std::filesystem::path& target,
                          const CopyOptions& options);

/// The same into `folder`, which must be there, under the name that `nameOf` makes of what the copy
/// holds. `nameOf` is called once, after the copy was verified, on the caller's thread.
Result<CopyReport> backUpAs(const std::filesystem::path& source,
                            const std::filesystem::path& folder,
                            const std::function<std::string(const CopyReport&)>& nameOf,
                            const CopyOptions& options);

/// Puts a verified copy of `backup` into a folder that this process owns. Refuses where there is
/// a database, or anything left of one, whatever CopyOptions::replace says. Leaves the sessions
/// out: what they know of positions beyond the backup is of another history, so their clients start
/// over. Of a cluster's node, what makes it one is left out likewise. `backup` is only read.
Result<CopyReport> restore(const std::filesystem::path& backup, const DataFolder& folder,
                           const CopyOptions& options);

/// The same with all that the backup holds, for another node of the same cluster: what follows in
/// the stream of the cluster continues it. Refuses with `file_refused` the backup of a database
/// that is not a node's.
Result<CopyReport> restoreNode(const std::filesystem::path& backup, const DataFolder& folder,
                               const CopyOptions& options);

/// Makes the database of a node, which this process owns, one of its own again: it forgets the
/// cluster, the connections of all nodes, and their sessions. Does nothing to any other one.
/// Refuses as Database::openWriter does.
Result<void> leaveCluster(const DataFolder& folder);

/// What a vacuum came to.
struct VacuumReport {
    CopyReport after;              ///< the new file
    std::int64_t bytesBefore = 0;  ///< of the old file
};

/// Writes the database of a folder that this process owns anew, densely packed, in place of the old
/// one. Needs room for one copy. Refuses with `busy` while another process has the database open.
/// Events, hashes and sessions stay the same, and the old file's owner and mode too where this user
/// may set them.
Result<VacuumReport> vacuum(const DataFolder& folder, const CopyOptions& options);

/// Reads the whole file: SQLite's integrity check, the hash chain, the head. Refuses with
/// `storage_damaged`, and says where; writes nothing. `file` may be any database of Parley's, also
/// one of an older schema.
Result<CopyReport> verifyCopy(const std::filesystem::path& file, const CopyOptions& options);

}  // namespace parley
