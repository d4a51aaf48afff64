#include "log/storage_vfs.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/process_usage.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/migrations.h>

#include <sqlite3.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace parley {
namespace {

std::string quoted(const std::filesystem::path& file) {
    return "\"" + file.string() + "\"";
}

constexpr const char* kWhatToDo =
    ". Nothing was changed. Copy the whole data folder away before anything else; then restore a "
    "backup, or start with another folder";

constexpr const char* kLocked = "another process holds the database's write lock";

bool isDamage(int primary) {
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

Error cannotOpen(const std::filesystem::path& file, const SQLite::Exception& why) {
    const int primary = why.getErrorCode() & 0xFF;
    const std::string text = why.what();
    if (primary == SQLITE_MISMATCH) return {ErrorCode::storage_damaged, quoted(file) + ": " + text};
    if (primary == SQLITE_FULL) return {ErrorCode::storage_full, quoted(file) + ": " + text};
    if (primary == SQLITE_CANTOPEN) {
        return {ErrorCode::not_found, "cannot open " + quoted(file) + ": " + text};
    }
    if (primary == SQLITE_BUSY) return {ErrorCode::busy, quoted(file) + ": " + kLocked};
    if (!isDamage(primary)) {
        return {ErrorCode::storage_failed, "cannot open " + quoted(file) + ": " + text};
    }
    const bool foreign = primary == SQLITE_NOTADB;
    return {ErrorCode::storage_damaged,
            quoted(file) +
                (foreign ? " is no database of Parley's, or its beginning is damaged: "
                         : " is damaged: ") +
                text + kWhatToDo};
}

Error noRoom() {
    const auto limit = fileSizeLimit();
    return {ErrorCode::storage_full,
            limit ? "the disk is full, or a file has reached the limit of " +
                        std::to_string(*limit) + " bytes that is set for this process (ulimit -f)"
                  : "the disk is full"};
}

Error toError(const SQLite::Exception& error) {
    const int primary = error.getErrorCode() & 0xFF;
    if (primary == SQLITE_FULL) return noRoom();
    if (primary == SQLITE_INTERRUPT) {
        return {ErrorCode::read_timeout, "the read took too long and was cut off"};
    }
    if (primary == SQLITE_BUSY) return {ErrorCode::busy, kLocked};
    logger().error("storage_error code={} message=\"{}\"", error.getExtendedErrorCode(),
                   error.what());
    if (primary == SQLITE_MISMATCH) return {ErrorCode::storage_damaged, error.what()};
    if (isDamage(primary)) {
        return {ErrorCode::storage_damaged,
                std::string("the database is damaged: ") + error.what()};
    }
    return {ErrorCode::storage_failed, std::string("the storage failed: ") + error.what() +
                                           " (SQLite code " +
                                           std::to_string(error.getExtendedErrorCode()) + ")"};
}

void require(int result, const char* what) {
    if (result != SQLITE_OK) throw SQLite::Exception(what, result);
}

// Through SQLite's own file, so that no other descriptor is opened on it.
void rewriteWal(sqlite3* db) {
    sqlite3_file* wal = nullptr;
    require(sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal), "no WAL");
    if (!wal || !wal->pMethods) return;
    sqlite3_int64 size = 0;
    require(wal->pMethods->xFileSize(wal, &size), "the WAL's size cannot be read");
    if (size == 0) return;
    constexpr int kChunkBytes = 64 * 1024;  // SQLite's unix VFS writes less than 128 KiB at once
    std::vector<char> bytes(kChunkBytes);
    for (sqlite3_int64 from = 0; from < size;) {
        const auto n = static_cast<int>(std::min<sqlite3_int64>(size - from, kChunkBytes));
        require(wal->pMethods->xRead(wal, bytes.data(), n, from), "the WAL cannot be read");
        require(wal->pMethods->xWrite(wal, bytes.data(), n, from), "the WAL cannot be written");
        from += n;
    }
    require(wal->pMethods->xSync(wal, SQLITE_SYNC_FULL), "the WAL cannot be synced");
}

// As `.dump` of the sqlite3 shell leaves a copy: it keeps tables and rows, not the mark.
bool hasLostItsMark(SQLite::Database& db) {
    return db.tableExists("event") && db.tableExists("schema_migration") &&
           db.tableExists("conversation");
}

std::string inShellQuotes(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// Of a connection in WAL mode: whether the WAL and its index stay when it closes the file.
void keepWal(sqlite3* db, bool keep) {
    int on = keep ? 1 : 0;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
}

// Whether everything is in the file itself, and nobody writes to it.
bool standsAlone(const std::filesystem::path& file) {
    std::error_code failed;
    for (const char* ending : {"-wal", "-journal"}) {
        const std::filesystem::path beside = file.string() + ending;
        const auto status = std::filesystem::status(beside, failed);
        if (status.type() == std::filesystem::file_type::not_found) continue;
        if (failed || std::filesystem::file_size(beside, failed) != 0 || failed) return false;
    }
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const auto owned = DataFolder::isOwned(folder);
    return std::filesystem::is_regular_file(file, failed) && owned && !*owned;
}

std::string immutableUri(const std::filesystem::path& file) {
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(file).lexically_normal().string()) {
        if (c == '%' || c == '?' || c == '#') {
            uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
        } else {
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

// A foreign file must be refused before the first pragma that would write to it. Returns whether
// the file is new.
bool refuseForeign(SQLite::Database& db) {
    const int applicationId = db.execAndGet("PRAGMA application_id").getInt();
    const int tables = db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt();
    const bool isNew = applicationId == 0 && tables == 0;
    if (applicationId == 0 && hasLostItsMark(db)) {
        throw SQLite::Exception(
            "the file has Parley's tables, but not its mark, which a .dump does not keep. Nothing "
            "was changed. If it is a copy of a Parley database, mark it: sqlite3 " +
                inShellQuotes(db.getFilename()) +
                " 'PRAGMA application_id = " + std::to_string(kApplicationId) + "'",
            SQLITE_MISMATCH);
    }
    if (applicationId != kApplicationId && !isNew) {
        throw SQLite::Exception("it is an SQLite database of another program (application_id " +
                                    std::to_string(applicationId) + ")",
                                SQLITE_NOTADB);
    }
    return isNew;
}

}  // namespace

// One thread at a time uses a connection (database.h), so SQLite need not lock in every call.
Database::Database(const std::string& file, int flags, const char* vfs)
    : sqlite_(file.c_str(), flags | SQLite::OPEN_NOMUTEX, static_cast<int>(kWriteLockWait.count()),
              vfs) {}

// With nobody else there, SQLite would do the same on closing; somebody's shell that is open must
// not keep the last events out of the file. What fails here is done by the next start.
Database::~Database() {
    if (!accepted_ || mustStop_) return;
    sqlite3_wal_checkpoint_v2(sqlite_.getHandle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
}

Result<std::unique_ptr<Database>> Database::openWriter(const std::filesystem::path& file,
                                                       Synchronous synchronous) {
    makeFileForSqlite(file);
    try {
        std::unique_ptr<Database> db(
            new Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                         synchronous == Synchronous::full ? storageVfs() : nullptr));
        sqlite3_db_config(db->sqlite_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        if (refuseForeign(db->sqlite_)) {
            db->sqlite_.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
        }
        refuseUnknownSchema(db->sqlite_);
        if (db->sqlite_.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal") {
            return Error{ErrorCode::storage_failed, quoted(file) + " cannot be put into WAL mode"};
        }
        // FULL: a commit returns once the log is on the disk. The default checkpoint size and a
        // WAL that is never truncated are the fastest measured (docs/decisions). Foreign keys
        // are not looked up again for each row: docs/decisions/019-foreign-keys.md.
        db->sqlite_.exec(synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                                          : "PRAGMA synchronous = NORMAL");
        // A WAL that a long backup made grow is cut back to kWalBytesKept at its next restart.
        db->sqlite_.exec("PRAGMA journal_size_limit = " + std::to_string(limits::kWalBytesKept));
        db->sqlite_.exec(
            "PRAGMA wal_autocheckpoint = 1000;"
            "PRAGMA foreign_keys = OFF;"
            "PRAGMA temp_store = MEMORY;"
            "PRAGMA cache_size = -65536;");
        keepWal(db->sqlite_.getHandle(), true);
        return db;
    } catch (const SQLite::Exception& error) {
        return cannotOpen(file, error);
    }
}

void Database::accept() {
    sqlite3_db_config(sqlite_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    accepted_ = true;
}

void Database::removeWalAtClose() {
    keepWal(sqlite_.getHandle(), false);
}

Result<void> Database::storeWalAgain() {
    // Nobody else writes the WAL while this transaction holds its lock; it writes nothing itself.
    auto done = begin();
    if (done) done = run([this] { rewriteWal(sqlite_.getHandle()); });
    rollback();
    return done;
}

Result<std::unique_ptr<Database>> Database::openReaderAs(const std::filesystem::path& file,
                                                         const std::string& name, int flags) {
    try {
        std::unique_ptr<Database> db(new Database(name, SQLite::OPEN_READONLY | flags));
        refuseForeign(db->sqlite_);
        db->sqlite_.exec("PRAGMA query_only = ON; PRAGMA cache_size = -16384;");
        return db;
    } catch (const SQLite::Exception& error) {
        return cannotOpen(file, error);
    }
}

Result<std::unique_ptr<Database>> Database::openForCheckpoints(const std::filesystem::path& file) {
    try {
        std::unique_ptr<Database> db(
            new Database(file.string(), SQLite::OPEN_READWRITE, storageVfs()));
        sqlite3_db_config(db->sqlite_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        refuseForeign(db->sqlite_);
        // FULL: a checkpoint syncs the WAL before and the database after.
        db->sqlite_.exec("PRAGMA synchronous = FULL; PRAGMA query_only = ON;");
        return db;
    } catch (const SQLite::Exception& error) {
        return cannotOpen(file, error);
    }
}

Result<std::unique_ptr<Database>> Database::openReader(const std::filesystem::path& file) {
    auto db = openReaderAs(file, file.string(), 0);
    if (db || !standsAlone(file)) return db;
    const auto code = db.error().code;
    if (code != ErrorCode::not_found && code != ErrorCode::storage_failed) return db;
    auto alone = openReaderAs(file, immutableUri(file), SQLite::OPEN_URI);
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
            new Database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE));
    } catch (const SQLite::Exception& error) {
        return cannotOpen(":memory:", error);
    }
}

Error Database::note(const SQLite::Exception& error, bool committing) {
    const int primary = error.getErrorCode() & 0xFF;
    // No room for the WAL's index. Before the commit nothing has happened yet; in it, the frames
    // may already be in the WAL.
    if (error.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE && !committing) return noRoom();
    if (primary == SQLITE_IOERR || isDamage(primary) || primary == SQLITE_CONSTRAINT) {
        mustStop_ = true;
    }
    return toError(error);
}

Result<void> Database::run(const std::function<void()>& work) {
    try {
        work();
        return {};
    } catch (const SQLite::Exception& error) {
        return note(error, false);
    }
}

Result<void> guarded(const std::function<void()>& work) {
    try {
        work();
        return {};
    } catch (const SQLite::Exception& error) {
        return toError(error);
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
        return note(error, true);
    }
}

Result<std::optional<WalPages>> Database::checkpoint() {
    std::optional<WalPages> pages(std::in_place);
    auto done = run([&] {
        const int result = sqlite3_wal_checkpoint_v2(
            sqlite_.getHandle(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages->held, &pages->copied);
        if (result == SQLITE_BUSY || result == SQLITE_LOCKED) {
            pages.reset();
        } else if (result != SQLITE_OK) {
            throw SQLite::Exception(sqlite_.getHandle(), result);
        }
    });
    if (!done) return done.error();
    return pages;
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
}

void Database::rollback() {
    if (sqlite3_get_autocommit(sqlite_.getHandle()) == 0) sqlite_.tryExec("ROLLBACK");
}

}  // namespace parley
