#include <parley/log/database.h>

#include <sqlite3.h>

#include <parley/core/logging.h>

namespace parley {
namespace {

constexpr int kBusyTimeoutMs = 5000;  // a person's sqlite3 shell may hold the lock for a moment

std::string quoted(const std::filesystem::path& file) { return "\"" + file.string() + "\""; }

Error cannotOpen(const std::filesystem::path& file, const SQLite::Exception& why) {
    return {ErrorCode::storage_failed, "cannot open " + quoted(file) + ": " + why.what()};
}

// A foreign file must be refused before the first pragma that would write to it.
void refuseForeign(SQLite::Database& db, const std::filesystem::path& file) {
    const int applicationId = db.execAndGet("PRAGMA application_id").getInt();
    const int tables = db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt();
    if (applicationId != kApplicationId && !(applicationId == 0 && tables == 0)) {
        throw SQLite::Exception(quoted(file) + " is an SQLite database, but not one of Parley's",
                                SQLITE_NOTADB);
    }
}

}  // namespace

Database::Database(const std::string& file, int flags) : sqlite_(file, flags, kBusyTimeoutMs) {}

Result<std::unique_ptr<Database>> Database::openWriter(const std::filesystem::path& file) {
    try {
        std::unique_ptr<Database> db(
            new Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE));
        refuseForeign(db->sqlite_, file);
        db->sqlite_.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
        if (db->sqlite_.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal") {
            return Error{ErrorCode::storage_failed, quoted(file) + " cannot be put into WAL mode"};
        }
        // FULL: a commit returns once the log is on the disk. The default checkpoint size and a
        // WAL that is never truncated are the fastest measured (docs/decisions).
        db->sqlite_.exec(
            "PRAGMA synchronous = FULL;"
            "PRAGMA wal_autocheckpoint = 1000;"
            "PRAGMA foreign_keys = ON;"
            "PRAGMA temp_store = MEMORY;"
            "PRAGMA cache_size = -65536;");
        return db;
    } catch (const SQLite::Exception& error) {
        return cannotOpen(file, error);
    }
}

Result<std::unique_ptr<Database>> Database::openReader(const std::filesystem::path& file) {
    try {
        std::unique_ptr<Database> db(new Database(file.string(), SQLite::OPEN_READONLY));
        refuseForeign(db->sqlite_, file);
        db->sqlite_.exec("PRAGMA query_only = ON; PRAGMA cache_size = -16384;");
        return db;
    } catch (const SQLite::Exception& error) {
        return cannotOpen(file, error);
    }
}

Result<std::unique_ptr<Database>> Database::openInMemory() {
    try {
        return std::unique_ptr<Database>(
            new Database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE));
    } catch (const SQLite::Exception& error) {
        return cannotOpen(":memory:", error);
    }
}

Error Database::toError(const SQLite::Exception& error) {
    const int primary = error.getErrorCode() & 0xFF;
    if (primary == SQLITE_FULL) return {ErrorCode::storage_full, "the disk is full"};
    if (primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
        primary == SQLITE_CONSTRAINT) {
        mustStop_ = true;
    }
    logger().error("storage_error code={} message=\"{}\"", error.getExtendedErrorCode(),
                   error.what());
    return {ErrorCode::storage_failed, std::string("the storage failed: ") + error.what()};
}

Result<void> Database::run(const std::function<void()>& work) {
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

Result<void> Database::commit() {
    return run([this] { sqlite_.exec("COMMIT"); });
}

void Database::rollback() {
    if (sqlite3_get_autocommit(sqlite_.getHandle()) == 0) sqlite_.tryExec("ROLLBACK");
}

}  // namespace parley
