#include "log/copy.h"
#include "log/safe_file.h"

#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/verify.h>

#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace parley {
namespace {

namespace fs = std::filesystem;

// The new file is for the same users as the old one, also where root vacuums for another user.
void takeOver(const fs::path& old, const fs::path& part) {
    struct stat status {};
    if (::stat(old.c_str(), &status) != 0) return;
    const bool sameOwner = ::chown(part.c_str(), status.st_uid, status.st_gid) == 0;
    if (sameOwner) ::chmod(part.c_str(), status.st_mode & 0777);
}

// In rollback mode and locked for this connection alone, nothing is in a WAL and no process can add
// anything: only then may another file take this one's name.
Result<void> lockOthersOut(Database& db) {
    bool alone = false;
    auto done = db.run([&] {
        auto& sqlite = db.sqlite();
        db.removeWalAtClose();
        alone = sqlite.execAndGet("PRAGMA journal_mode = DELETE").getString() == "delete";
        if (alone) sqlite.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
    });
    if (done && alone) return {};
    if (!done && done.error().code != ErrorCode::busy) return done;  // no room, a disk that fails
    return Error{ErrorCode::busy,
                 "somebody else has the database open (a shell, a backup?); nothing was changed"};
}

}  // namespace

Result<VacuumReport> vacuum(const DataFolder& folder, const CopyOptions& options) {
    const auto file = folder.database();
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return refusedFile(file, "does not exist");
    removeStaleParts(folderOf(file));
    PARLEY_TRY_ASSIGN(const auto db, Database::openWriter(file));
    PARLEY_TRY(verifyAtStart(*db, folderOf(file)));
    db->allowCheckpointAtClose();
    PARLEY_TRY(lockOthersOut(*db));
    PARLEY_TRY_ASSIGN(const LogHead head, readHead(*db));
    PARLEY_TRY(checkRoom(folderOf(file), bytesUsed(*db, false)));

    const UnfinishedCopy part(folderOf(file));
    if (options.progress) options.progress({"copying", 0, 0});
    VacuumReport report;
    makeFileForSqlite(part.file());
    PARLEY_TRY(db->run([&] {
        report.bytesBefore = static_cast<std::int64_t>(bytesUsed(*db, true));
        SQLite::Statement into(db->sqlite(), "VACUUM INTO ?");
        into.bind(1, part.file().string());
        into.exec();
    }));
    PARLEY_TRY_ASSIGN(report.after, verifyAgainst(head, part.file(), options));
    takeOver(file, part.file());
    PARLEY_TRY(moveIntoPlace(part.file(), file, true));
    return report;
}

}  // namespace parley
