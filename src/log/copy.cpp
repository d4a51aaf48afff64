#include "log/copy.h"

#include "log/safe_file.h"
#include "log/storage_vfs.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/migrations.h>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <string>
#include <system_error>

namespace parley {
namespace {

namespace fs = std::filesystem;

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
Result<LogHead> copySnapshot(Database& source, const fs::path& copy, const CopyOptions& options) {
    auto head = source.query([&]() -> Result<LogHead> {
        source.sqlite().exec("BEGIN");
        PARLEY_TRY_ASSIGN(const LogHead found, readHead(source));
        PARLEY_TRY(checkRoom(folderOf(copy), bytesUsed(source, true)));
        makeFileForSqlite(copy);
        SQLite::Database target(copy.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0,
                                storageVfs());
        target.exec("PRAGMA synchronous = OFF");  // moveIntoPlace syncs it, once
        PARLEY_TRY(copyPages(source, target, options));
        return found;
    });
    source.rollback();
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

Result<void> forgetSessions(const fs::path& part) {
    try {
        SQLite::Database copy(part.string(), SQLite::OPEN_READWRITE);
        forgetConnections(copy);
        return {};
    } catch (const SQLite::Exception& error) {
        return Error{ErrorCode::storage_failed, std::string("the copy failed: ") + error.what()};
    }
}

}  // namespace

void forgetConnections(SQLite::Database& db) {
    db.exec("PRAGMA foreign_keys = ON");
    SQLite::Transaction all(db);
    // A backup of an older program may lack some of them.
    for (const std::string table :
         {"session", "live_room", "live_connection", "live_typing", "cluster_state"}) {
        if (db.tableExists(table)) db.exec("DELETE FROM " + table);
    }
    all.commit();
}

UnfinishedCopy::UnfinishedCopy(const fs::path& folder) : file_(partFileIn(folder)) {
    remove();
}

void UnfinishedCopy::remove() const {
    std::error_code ignored;
    for (const auto& file : {file_, journalOf(file_), walOf(file_), walIndexOf(file_)}) {
        fs::remove(file, ignored);
    }
}

fs::path folderOf(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

Error stopped() {
    return {ErrorCode::shutting_down, "stopped before the copy was complete"};
}

bool isCancelled(const CopyOptions& options) {
    return options.cancelled && options.cancelled();
}

Error refusedFile(const fs::path& file, const std::string& why) {
    return {ErrorCode::file_refused, "\"" + file.string() + "\" " + why};
}

Result<std::unique_ptr<Database>> openSource(const fs::path& file) {
    PARLEY_TRY_ASSIGN(auto db, Database::openReader(file));
    PARLEY_TRY(checkKnownLog(*db));
    return db;
}

std::uintmax_t bytesUsed(Database& db, bool withFreePages) {
    const auto number = [&](const char* pragma) {
        return static_cast<std::uintmax_t>(db.sqlite().execAndGet(pragma).getInt64());
    };
    const auto free = withFreePages ? 0 : number("PRAGMA freelist_count");
    return (number("PRAGMA page_count") - free) * number("PRAGMA page_size");
}

Result<CopyReport> verifyAgainst(const LogHead& head, const fs::path& copy,
                                 const CopyOptions& options) {
    auto report = verifyCopy(copy, options);
    if (!report) return report;
    if (report->position != head.position || report->hash != head.hash) {
        return Error{ErrorCode::storage_failed,
                     "the copy ends at position " + std::to_string(report->position.value) +
                         ", its source at " + std::to_string(head.position.value)};
    }
    return report;
}

Result<CopyReport> copyInto(const fs::path& from, const fs::path& folder,
                            const std::function<std::string(const CopyReport&)>& nameOf,
                            SessionsInCopy sessions, const CopyOptions& options) {
    removeStaleParts(folder);
    PARLEY_TRY_ASSIGN(auto source, openSource(from));
    const UnfinishedCopy part(folder);
    PARLEY_TRY_ASSIGN(const LogHead head, copySnapshot(*source, part.file(), options));
    PARLEY_TRY(source->wasUndisturbed());
    source.reset();
    PARLEY_TRY(makeSingleFile(part.file()));
    if (sessions == SessionsInCopy::forget) PARLEY_TRY(forgetSessions(part.file()));
    PARLEY_TRY_ASSIGN(const CopyReport report, verifyAgainst(head, part.file(), options));
    PARLEY_TRY(writeOut(part.file(), options.cancelled));
    if (isCancelled(options)) return stopped();
    PARLEY_TRY(moveIntoPlace(part.file(), folder / nameOf(report), options.replace));
    return report;
}

}  // namespace parley
