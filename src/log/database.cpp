#include "log/applied_migrations.h"
#include "log/file_mark.h"
#include "log/sqlite_errors.h"
#include "log/storage_vfs.h"
#include "log/wal_file.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>

#include <sqlite3.h>

#include <utility>

namespace parley {
namespace {

// A process was killed while it made the file, which had no WAL yet. A connection that only reads
// cannot undo what was begun.
bool isHalfMade(const SQLite::Exception& error) {
    return error.getExtendedErrorCode() == SQLITE_READONLY_ROLLBACK;
}

Result<void> rollBackHalfMade(const std::filesystem::path& file) {
    try {
        SQLite::Database db(file.string(), SQLite::OPEN_READWRITE,
                            static_cast<int>(kWriteLockWait.count()), storageVfs());
        db.execAndGet("SELECT count(*) FROM sqlite_schema");
        return {};
    } catch (const SQLite::Exception& error) {
        if ((error.getErrorCode() & 0xFF) != SQLITE_READONLY) return cannotOpen(file, error);
        return Error{ErrorCode::file_refused,
                     quoted(file) +
                         ": a process was killed while it made this file, and only a user who may "
                         "write to its folder can undo what was begun"};
    }
}

}  // namespace

// One thread at a time uses a connection (database.h), so SQLite need not lock in every call.
Database::Database(const std::string& file, int flags, const Schema& schema, const char* vfs)
    : schema_(schema),
      sqlite_(file.c_str(), flags | SQLite::OPEN_NOMUTEX, static_cast<int>(kWriteLockWait.count()),
              vfs) {}

// SQLite checkpoints on close only where no other connection is open; a shell that somebody left
// open must not keep the last events out of the file. What fails here is done by the next start.
Database::~Database() {
    if (!checkpointsAtClose_ || mustStop_) return;
    sqlite3_wal_checkpoint_v2(sqlite_.getHandle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
}

Result<std::unique_ptr<Database>> Database::openWriter(const std::filesystem::path& file,
                                                       Synchronous synchronous,
                                                       const Schema& schema) {
    PARLEY_TRY(checkIsFile(file));
    makeFileForSqlite(file);
    try {
        std::unique_ptr<Database> db(
            new Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, schema,
                         synchronous == Synchronous::full ? storageVfs() : nullptr));
        sqlite3_db_config(db->sqlite_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        PARLEY_TRY(db->mark(file));
        if (db->sqlite_.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal") {
            return Error{ErrorCode::storage_failed, quoted(file) + " cannot be put into WAL mode"};
        }
        db->setWriterPragmas(synchronous);
        return db;
    } catch (const SQLite::Exception& error) {
        if ((error.getErrorCode() & 0xFF) == SQLITE_READONLY) {
            return Error{ErrorCode::file_refused,
                         quoted(file) + " cannot be written: " + error.what()};
        }
        return cannotOpen(file, error);
    }
}

// A new file gets the schema's mark; another one must have it, and a schema that is known.
Result<void> Database::mark(const std::filesystem::path& file) {
    PARLEY_TRY_ASSIGN(const bool isNew, isNewFile(sqlite_, file, schema_));
    if (isNew) {
        sqlite_.exec("PRAGMA application_id = " + std::to_string(schema_.applicationId));
    }
    if (const auto known = appliedCount(sqlite_, schema_); !known) {
        return Error{known.error().code, quoted(file) + ": " + known.error().message};
    }
    return {};
}

void Database::setWriterPragmas(Synchronous synchronous) {
    // FULL: a commit returns once the log is on the disk. The default checkpoint size and a WAL
    // that is never truncated are the fastest measured (docs/decisions). Foreign keys are not
    // looked up again for each row: docs/decisions/019-foreign-keys.md.
    sqlite_.exec(synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                                  : "PRAGMA synchronous = NORMAL");
    // A WAL that a long backup made grow is cut back to kWalBytesKept at its next restart.
    sqlite_.exec("PRAGMA journal_size_limit = " + std::to_string(limits::kWalBytesKept));
    sqlite_.exec(
        "PRAGMA wal_autocheckpoint = 1000;"
        "PRAGMA foreign_keys = OFF;"
        "PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -65536;");
    keepWal(sqlite_.getHandle(), true);
}

void Database::allowCheckpointAtClose() {
    sqlite3_db_config(sqlite_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    checkpointsAtClose_ = true;
}

void Database::removeWalAtClose() {
    keepWal(sqlite_.getHandle(), false);
}

Result<void> Database::writeWalAgain() {
    // Nobody else writes the WAL while this transaction holds its lock; it writes nothing itself.
    auto done = begin();
    if (done) done = run([this] { rewriteWal(sqlite_.getHandle()); });
    rollback();
    return done;
}

Result<std::unique_ptr<Database>> Database::openReaderAs(const std::filesystem::path& file,
                                                         const std::string& name, int flags,
                                                         const Schema& schema) {
    PARLEY_TRY(checkIsFile(file));
    try {
        std::unique_ptr<Database> db(
            new Database(name, SQLite::OPEN_READONLY | flags, schema, storageVfs()));
        PARLEY_TRY(isNewFile(db->sqlite_, file, schema));
        db->sqlite_.exec("PRAGMA query_only = ON; PRAGMA cache_size = -16384;");
        return db;
    } catch (const SQLite::Exception& error) {
        if (!isHalfMade(error)) return cannotRead(file, error);
    }
    PARLEY_TRY(rollBackHalfMade(file));
    return openReaderAs(file, name, flags, schema);
}

Result<std::unique_ptr<Database>> Database::openForCheckpoints(const std::filesystem::path& file,
                                                               const Schema& schema) {
    PARLEY_TRY(checkIsFile(file));
    try {
        std::unique_ptr<Database> db(
            new Database(file.string(), SQLite::OPEN_READWRITE, schema, storageVfs()));
        sqlite3_db_config(db->sqlite_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        PARLEY_TRY(isNewFile(db->sqlite_, file, schema));
        // FULL: a checkpoint syncs the WAL before and the database after.
        db->sqlite_.exec("PRAGMA synchronous = FULL; PRAGMA query_only = ON;");
        return db;
    } catch (const SQLite::Exception& error) {
        return cannotOpen(file, error);
    }
}

Result<std::unique_ptr<Database>> Database::openReader(const std::filesystem::path& file,
                                                       const Schema& schema) {
    auto db = openReaderAs(file, file.string(), 0, schema);
    if (db || !standsAlone(file)) return db;
    const auto code = db.error().code;
    if (code != ErrorCode::not_found && code != ErrorCode::storage_failed) return db;
    auto alone = openReaderAs(file, immutableUri(file), SQLite::OPEN_URI, schema);
    if (!alone) return db;
    (*alone)->immutable_ = file;
    return alone;
}

Result<void> Database::wasUndisturbed() const {
    if (immutable_.empty() || standsAlone(immutable_)) return {};
    return Error{ErrorCode::busy, quoted(immutable_) +
                                      " is no longer left alone: a server has started "
                                      "meanwhile. What was read cannot be relied on; run it again"};
}

Result<std::unique_ptr<Database>> Database::openInMemory() {
    try {
        return std::unique_ptr<Database>(
            new Database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, logSchema()));
    } catch (const SQLite::Exception& error) {
        return cannotOpen(":memory:", error);
    }
}

Error Database::failed(const SQLite::Exception& error, bool committing) {
    const int primary = error.getErrorCode() & 0xFF;
    // No room for the WAL's index. Before the commit nothing has happened yet; in it, the frames
    // may already be in the WAL.
    if (error.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE && !committing) return noRoom();
    if (primary == SQLITE_IOERR || isDamage(primary) || primary == SQLITE_CONSTRAINT) {
        mustStop_ = true;
    }
    return errorOf(error);
}

Result<void> Database::run(const std::function<void()>& work) {
    try {
        work();
        return {};
    } catch (const SQLite::Exception& error) {
        return failed(error, false);
    }
}

Result<void> guarded(const std::function<void()>& work) {
    try {
        work();
        return {};
    } catch (const SQLite::Exception& error) {
        return errorOf(error);
    }
}

Result<void> Database::begin() {
    return run([this] { sqlite_.exec("BEGIN IMMEDIATE"); });
}

bool Database::isWritable() {
    sqlite3_busy_timeout(sqlite_.getHandle(), 0);
    const bool begun = sqlite_.tryExec("BEGIN IMMEDIATE") == SQLITE_OK;
    rollback();
    sqlite3_busy_timeout(sqlite_.getHandle(), static_cast<int>(kWriteLockWait.count()));
    return begun;
}

Result<void> Database::commit() {
    try {
        sqlite_.exec("COMMIT");
        return {};
    } catch (const SQLite::Exception& error) {
        return failed(error, true);
    }
}

Result<std::optional<WalPages>> Database::checkpoint() {
    return query([&] {
        std::optional<WalPages> pages(std::in_place);
        const int result = sqlite3_wal_checkpoint_v2(
            sqlite_.getHandle(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages->held, &pages->copied);
        if (result == SQLITE_BUSY || result == SQLITE_LOCKED) {
            pages.reset();
        } else if (result != SQLITE_OK) {
            throw SQLite::Exception(sqlite_.getHandle(), result);
        }
        return pages;
    });
}

void Database::interrupt() {
    sqlite3_interrupt(sqlite_.getHandle());
}

int Database::countWalPages(void* database, sqlite3*, const char*, int pages) {
    static_cast<Database*>(database)->walPages_ = pages;
    return SQLITE_OK;
}

void Database::leaveCheckpointsToCaller() {
    sqlite3_wal_hook(sqlite_.getHandle(), &countWalPages, this);
}

int Database::askWhetherInterrupted(void* database) {
    return static_cast<Database*>(database)->interrupted_() ? 1 : 0;
}

void Database::interruptWhen(std::function<bool()> interrupted) {
    interrupted_ = std::move(interrupted);
    sqlite3_progress_handler(sqlite_.getHandle(), kInterruptCheckOps, &askWhetherInterrupted, this);
    interruptReadsWhen(sqlite_.getHandle(), interrupted_);
}

void Database::rollback() {
    if (sqlite3_get_autocommit(sqlite_.getHandle()) == 0) sqlite_.tryExec("ROLLBACK");
}

}  // namespace parley
