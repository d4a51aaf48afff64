#include "log/safe_file.h"
#include "log/storage_vfs.h"

#include <parley/core/limits.h>
#include <parley/log/backup.h>
#include <parley/log/log_head.h>
#include <parley/log/migrations.h>
#include <parley/log/verify.h>

#include <SQLiteCpp/Backup.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace parley {
namespace {

namespace fs = std::filesystem;

fs::path folderOf(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

Error stopped() {
    return {ErrorCode::shutting_down, "stopped before the copy was complete"};
}

bool isCancelled(const CopyOptions& options) {
    return options.cancelled && options.cancelled();
}

/// Removes the unfinished copy however its making ends; in its place it has another name.
class Part {
public:
    explicit Part(const fs::path& folder) : file_(partFileIn(folder)) { remove(); }
    ~Part() { remove(); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    const fs::path& file() const { return file_; }

private:
    void remove() const {
        std::error_code ignored;
        for (const char* ending : {"", "-journal", "-wal", "-shm"}) {
            fs::remove(file_.string() + ending, ignored);
        }
    }
    fs::path file_;
};

Result<std::unique_ptr<Database>> openSource(const fs::path& file) {
    auto db = Database::openReader(file);
    if (!db) return db;
    if (auto known = checkNotNewer(**db); !known) return known.error();
    return db;
}

std::uintmax_t bytesUsed(Database& db, bool withFreePages) {
    const auto number = [&](const char* pragma) {
        return static_cast<std::uintmax_t>(db.sqlite().execAndGet(pragma).getInt64());
    };
    const auto free = withFreePages ? 0 : number("PRAGMA freelist_count");
    return (number("PRAGMA page_count") - free) * number("PRAGMA page_size");
}

Result<void> copyPages(Database& source, SQLite::Database& target, const CopyOptions& options) {
    SQLite::Backup backup(target, source.sqlite());
    for (;;) {
        if (isCancelled(options)) return stopped();
        const int status = backup.executeStep(limits::kBackupStepPages);
        const auto total = backup.getTotalPageCount();
        if (options.progress) {
            options.progress({"copying", total - backup.getRemainingPageCount(), total});
        }
        if (status == SQLITE_DONE) return {};
        if (status != SQLITE_OK) {
            return Error{ErrorCode::storage_failed, "the copy cannot be written"};
        }
    }
}

// Copies one snapshot. The backup API starts again whenever another connection has written
// between two steps, which under load is always: the transaction pins one snapshot for all steps.
Result<LogHead> copySnapshot(Database& source, const fs::path& part, const CopyOptions& options) {
    LogHead head;
    Result<void> copied;
    auto done = source.run([&] {
        source.sqlite().exec("BEGIN");
        auto found = readHead(source);
        if (found) copied = checkRoom(folderOf(part), bytesUsed(source, true));
        if (!found || !copied) {
            if (!found) copied = found.error();
            return;
        }
        head = *found;
        makeFileForSqlite(part);
        SQLite::Database target(part.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0,
                                storageVfs());
        target.exec("PRAGMA synchronous = OFF");  // moveIntoPlace syncs it, once
        copied = copyPages(source, target, options);
    });
    source.rollback();
    if (!done) return done.error();
    if (!copied) return copied.error();
    return head;
}

// A copy carries the source's WAL mode, which would need files beside it to be read.
Result<void> makeSingleFile(const fs::path& part) {
    try {
        SQLite::Database copy(part.string(), SQLite::OPEN_READWRITE);
        if (copy.execAndGet("PRAGMA journal_mode = DELETE").getString() == "delete") return {};
    } catch (const SQLite::Exception& error) {
        return Error{ErrorCode::storage_failed, std::string("the copy failed: ") + error.what()};
    }
    return Error{ErrorCode::storage_failed, "the copy cannot be made a single file"};
}

Result<CopyReport> verifyAgainst(const LogHead& head, const fs::path& part,
                                 const CopyOptions& options) {
    auto report = verifyCopy(part, options);
    if (!report) return report;
    if (report->position != head.position || report->hash != head.hash) {
        return Error{ErrorCode::storage_failed,
                     "the copy ends at position " + std::to_string(report->position.value) +
                         ", its source at " + std::to_string(head.position.value)};
    }
    return report;
}

// What a client's session knows of positions beyond the backup is of another history: kept, it
// would later take new events of those positions for ones that its client has seen.
Result<void> forgetSessions(const fs::path& part) {
    try {
        SQLite::Database copy(part.string(), SQLite::OPEN_READWRITE);
        copy.exec("PRAGMA foreign_keys = ON");
        if (copy.tableExists("session")) copy.exec("DELETE FROM session");
        return {};
    } catch (const SQLite::Exception& error) {
        return Error{ErrorCode::storage_failed, std::string("the copy failed: ") + error.what()};
    }
}

// Whoever could use the old file can use the new one, also where root vacuums for another user.
void takeOver(const fs::path& old, const fs::path& part) {
    struct stat status {};
    if (::stat(old.c_str(), &status) != 0) return;
    const bool sameOwner = ::chown(part.c_str(), status.st_uid, status.st_gid) == 0;
    if (sameOwner) ::chmod(part.c_str(), status.st_mode & 0777);
}

using NameOf = std::function<std::string(const CopyReport&)>;
enum class Sessions { keep, forget };

Result<CopyReport> copyInto(const fs::path& from, const fs::path& folder, const NameOf& nameOf,
                            Sessions sessions, const CopyOptions& options) {
    removeStaleParts(folder);
    auto source = openSource(from);
    if (!source) return source.error();
    const Part part(folder);
    auto head = copySnapshot(**source, part.file(), options);
    if (!head) return head.error();
    if (auto undisturbed = (*source)->wasUndisturbed(); !undisturbed) return undisturbed.error();
    source->reset();
    if (auto single = makeSingleFile(part.file()); !single) return single.error();
    if (sessions == Sessions::forget) {
        if (auto forgotten = forgetSessions(part.file()); !forgotten) return forgotten.error();
    }
    auto report = verifyAgainst(*head, part.file(), options);
    if (!report) return report;
    auto moved = moveIntoPlace(part.file(), folder / nameOf(*report), options.replace);
    if (!moved) return moved.error();
    return report;
}

Result<CopyReport> copyTo(const fs::path& from, const fs::path& to, Sessions sessions,
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

bool isPartOf(const fs::path& database, const fs::path& target) {
    constexpr std::array endings{"", "-wal", "-shm", "-journal"};
    return std::any_of(endings.begin(), endings.end(), [&](const char* ending) {
        return isSame(target, database.string() + ending);
    });
}

// Files of the folder that no copy may take the name of, beside the database itself.
bool isKeptBeside(const fs::path& database, const fs::path& target) {
    const auto folder = database.parent_path();
    return isSame(target, folder / "parley.lock") || isSame(target, folder / "parley.head");
}

Error refused(const fs::path& file, const std::string& why) {
    return {ErrorCode::invalid_value, "\"" + file.string() + "\" " + why};
}

Error damaged(const fs::path& file, const std::string& how) {
    return {ErrorCode::storage_damaged, "\"" + file.string() + "\" is damaged: " + how};
}

// In rollback mode and locked for this connection alone, nothing is in a WAL and nobody can add
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
    return Error{ErrorCode::storage_failed,
                 "somebody else has the database open (a shell, a backup?); nothing was changed"};
}

}  // namespace

Result<CopyReport> verifyCopy(const fs::path& file, const CopyOptions& options) {
    if (options.progress) options.progress({"verifying", 0, 0});
    auto db = openSource(file);
    if (!db) return db.error();
    (*db)->interruptWhen([&options] { return isCancelled(options); });
    auto finding = verifyStructure(**db, true);
    if (isCancelled(options)) return stopped();
    if (!finding) return finding.error();
    if (*finding) return damaged(file, **finding);
    auto log = verifyLog(**db);
    if (isCancelled(options)) return stopped();
    if (!log) return log.error();
    if (!log->good) {
        return damaged(
            file, "at position " + std::to_string(log->badPosition.value) + ": " + log->problem);
    }
    CopyReport report{log->last, 0, 0, log->hash};
    auto counted = (*db)->run([&] {
        report.events = (*db)->sqlite().execAndGet("SELECT count(*) FROM event").getInt64();
        report.bytes = static_cast<std::int64_t>(bytesUsed(**db, true));
    });
    if (isCancelled(options)) return stopped();
    if (!counted) return counted.error();
    return report;
}

Result<CopyReport> backUp(const fs::path& source, const fs::path& target,
                          const CopyOptions& options) {
    std::error_code ignored;
    if (isPartOf(source, target)) return refused(target, "is the database itself");
    if (isKeptBeside(source, target)) {
        return refused(target, "is a file that the data folder needs");
    }
    if (fs::is_directory(target, ignored)) return refused(target, "is a folder; name a file");
    if (!options.replace && fs::exists(target, ignored)) {
        return refused(target, "exists; nothing was changed");
    }
    return copyTo(source, target, Sessions::keep, options);
}

Result<CopyReport> backUpAs(const fs::path& source, const fs::path& folder, const NameOf& nameOf,
                            const CopyOptions& options) {
    return copyInto(source, folder, nameOf, Sessions::keep, options);
}

Result<CopyReport> restore(const fs::path& backup, const DataFolder& folder,
                           const CopyOptions& options) {
    std::error_code ignored;
    // Also what is of a database that was there: it would be taken for the new one's.
    for (const char* name : {"parley.db", "parley.db-wal", "parley.db-journal", "parley.head"}) {
        const fs::path file = folderOf(folder.database()) / name;
        if (fs::exists(file, ignored)) {
            return refused(file, "is there already: move it away, or restore into another folder");
        }
    }
    CopyOptions once = options;
    once.replace = false;
    return copyTo(backup, folder.database(), Sessions::forget, once);
}

Result<VacuumReport> vacuum(const DataFolder& folder, const CopyOptions& options) {
    const auto file = folder.database();
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return refused(file, "does not exist");
    removeStaleParts(folderOf(file));
    auto db = Database::openWriter(file);
    if (!db) return db.error();
    if (auto good = verifyAtStart(**db, folderOf(file)); !good) return good.error();
    (*db)->accept();
    if (auto alone = lockOthersOut(**db); !alone) return alone.error();
    auto head = readHead(**db);
    if (!head) return head.error();
    if (auto room = checkRoom(folderOf(file), bytesUsed(**db, false)); !room) return room.error();

    const Part part(folderOf(file));
    if (options.progress) options.progress({"copying", 0, 0});
    VacuumReport report;
    makeFileForSqlite(part.file());
    auto written = (*db)->run([&] {
        report.bytesBefore = static_cast<std::int64_t>(bytesUsed(**db, true));
        SQLite::Statement into((*db)->sqlite(), "VACUUM INTO ?");
        into.bind(1, part.file().string());
        into.exec();
    });
    if (!written) return written.error();
    auto verified = verifyAgainst(*head, part.file(), options);
    if (!verified) return verified.error();
    report.after = *verified;
    takeOver(file, part.file());
    if (auto moved = moveIntoPlace(part.file(), file, true); !moved) return moved.error();
    return report;
}

}  // namespace parley
