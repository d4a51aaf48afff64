#include "log/copy.h"

#include <parley/core/try.h>
#include <parley/log/backup.h>
#include <parley/log/data_folder.h>
#include <parley/log/folder_target.h>
#include <parley/log/migrations.h>
#include <parley/log/new_file.h>
#include <parley/log/replication_mark.h>

#include <algorithm>
#include <system_error>

namespace parley {
namespace {

namespace fs = std::filesystem;

Result<CopyReport> copyTo(const fs::path& from, const fs::path& to, SessionsInCopy sessions,
                          const CopyOptions& options) {
    const auto name = [&](const CopyReport&) { return to.filename().string(); };
    return copyInto(from, folderOf(to), name, sessions, options);
}

// Whether `target` is `file`, also by a link.
bool isSame(const fs::path& target, const fs::path& file) {
    std::error_code ignored;
    return fs::weakly_canonical(target, ignored) == fs::weakly_canonical(file, ignored) ||
           fs::equivalent(target, file, ignored);
}

bool isDatabaseFile(const fs::path& database, const fs::path& target) {
    return isSame(target, database) || isSame(target, walOf(database)) ||
           isSame(target, walIndexOf(database)) || isSame(target, journalOf(database));
}

// Files of the folder that no copy may take the name of, beside the database itself.
bool isKeptBeside(const fs::path& database, const fs::path& target) {
    const auto folder = database.parent_path();
    return std::any_of(kFolderFiles.begin(), kFolderFiles.end(),
                       [&](const FolderFile& file) { return isSame(target, folder / file.name); });
}

}  // namespace

Result<CopyReport> backUp(const fs::path& source, const fs::path& target,
                          const CopyOptions& options) {
    std::error_code ignored;
    if (isDatabaseFile(source, target)) return refusedFile(target, "is the database itself");
    if (isKeptBeside(source, target)) {
        return refusedFile(target, "is a file that the data folder needs");
    }
    PARLEY_TRY(checkIsNoFolderFile(target));
    if (fs::is_directory(target, ignored)) return refusedFile(target, "is a folder; name a file");
    if (!options.replace && fs::exists(target, ignored)) {
        return refusedFile(target, "exists; nothing was changed");
    }
    return copyTo(source, target, SessionsInCopy::keep, options);
}

Result<CopyReport> backUpAs(const fs::path& source, const fs::path& folder,
                            const std::function<std::string(const CopyReport&)>& nameOf,
                            const CopyOptions& options) {
    return copyInto(source, folder, nameOf, SessionsInCopy::keep, options);
}

namespace {

Result<CopyReport> restoreInto(const DataFolder& folder, const fs::path& backup,
                               SessionsInCopy sessions, const CopyOptions& options) {
    // Also what is of a database that was there: it would be taken for the new one's.
    PARLEY_TRY(checkHoldsNoDatabase(folderOf(folder.database())));
    // What was built from another log is of no use to this one.
    PARLEY_TRY(removeDatabase(DataFolder::auditIn(folderOf(folder.database()))));
    CopyOptions once = options;
    once.replace = false;
    return copyTo(backup, folder.database(), sessions, once);
}

}  // namespace

Result<CopyReport> restore(const fs::path& backup, const DataFolder& folder,
                           const CopyOptions& options) {
    return restoreInto(folder, backup, SessionsInCopy::forget, options);
}

Result<CopyReport> restoreNode(const fs::path& backup, const DataFolder& folder,
                               const CopyOptions& options) {
    PARLEY_TRY_ASSIGN(const auto source, openSource(backup));
    PARLEY_TRY(checkSchema(*source));
    PARLEY_TRY_ASSIGN(const auto mark, readReplicationMark(*source));
    if (!mark) return refusedFile(backup, "is not the backup of a cluster's node");
    return restoreInto(folder, backup, SessionsInCopy::keep, options);
}

Result<void> leaveCluster(const DataFolder& folder) {
    PARLEY_TRY_ASSIGN(const auto db, Database::openWriter(folder.database()));
    return db->run([&] { forgetConnections(db->sqlite()); });
}

}  // namespace parley
