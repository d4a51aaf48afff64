#include <parley/log/hash_chain.h>
#include <parley/log/migrations.h>
#include <parley/log/name_tables.h>

#include <sqlite3.h>

#include <algorithm>

namespace parley {
namespace {

constexpr const char* kCreateRecord =
    "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";

std::string checksum(const SqlFile& file) {
    Sha256 sha;
    return toHex(sha.of({file.sql}));
}

[[noreturn]] void refuse(const std::string& why) {
    throw SQLite::Exception(why, SQLITE_MISMATCH);
}

// How many of the compiled-in migrations the database has; refuses what cannot be right.
std::size_t appliedCount(SQLite::Database& db) {
    if (!db.tableExists("schema_migration")) return 0;
    const auto& known = migrations();
    SQLite::Statement rows(db,
                           "SELECT version, name, sha256 FROM schema_migration ORDER BY version");
    std::size_t applied = 0;
    while (rows.executeStep()) {
        const auto version = static_cast<std::size_t>(rows.getColumn(0).getInt64());
        const std::string name = rows.getColumn(1).getString();
        if (version > known.size()) {
            refuse("the database has schema " + std::to_string(version) + " (" + name +
                   "), this program knows up to " + std::to_string(known.size()) +
                   ". Nothing was changed. Run the newer program or restore a backup");
        }
        if (version != applied + 1) {
            refuse("the database lacks schema step " + std::to_string(applied + 1) +
                   ". Nothing was changed. Restore a backup");
        }
        if (rows.getColumn(2).getString() != checksum(known[applied])) {
            refuse("schema step " + name +
                   " was applied with another text than this program has: it was edited after it "
                   "had been released. Nothing was changed. Run the program that wrote this "
                   "database, or restore a backup");
        }
        ++applied;
    }
    return applied;
}

void apply(SQLite::Database& db, std::size_t index, const Clock& clock) {
    const SqlFile& file = migrations()[index];
    db.exec(std::string(file.sql));
    SQLite::Statement record(db, "INSERT INTO schema_migration VALUES (?, ?, ?, ?)");
    record.bind(1, static_cast<std::int64_t>(index + 1));
    record.bind(2, std::string(file.name));
    record.bind(3, checksum(file));
    record.bind(4, clock.now().value);
    record.exec();
}

std::string createStatement(const SqlFile& view) {
    const auto start = view.sql.find("CREATE VIEW");
    const auto end = view.sql.rfind(';');
    return std::string(view.sql.substr(start, end - start));
}

bool viewIsCurrent(SQLite::Database& db, const SqlFile& view) {
    SQLite::Statement row(db, "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?");
    row.bind(1, std::string(view.name));
    return row.executeStep() && row.getColumn(0).getString() == createStatement(view);
}

void replaceView(SQLite::Database& db, const SqlFile& view) {
    db.exec("DROP VIEW IF EXISTS " + std::string(view.name));
    db.exec(createStatement(view));
}

bool isCurrent(SQLite::Database& db) {
    if (appliedCount(db) != migrations().size()) return false;
    const auto version = db.execAndGet("PRAGMA user_version").getInt64();
    if (version != static_cast<std::int64_t>(migrations().size())) return false;
    return std::all_of(views().begin(), views().end(),
                       [&](const SqlFile& view) { return viewIsCurrent(db, view); });
}

}  // namespace

void refuseUnknownSchema(SQLite::Database& db) {
    appliedCount(db);
}

Result<void> migrate(Database& db, const Clock& clock) {
    bool current = false;
    if (auto read = db.run([&] { current = isCurrent(db.sqlite()); }); !read) return read;
    if (current) return checkNameTables(db);
    if (auto begun = db.begin(); !begun) return begun;
    auto done = db.run([&] {
        auto& sqlite = db.sqlite();
        const std::size_t applied = appliedCount(sqlite);
        sqlite.exec(kCreateRecord);
        for (std::size_t i = applied; i < migrations().size(); ++i) apply(sqlite, i, clock);
        for (const auto& view : views()) {
            if (!viewIsCurrent(sqlite, view)) replaceView(sqlite, view);
        }
        sqlite.exec("PRAGMA user_version = " + std::to_string(migrations().size()));
    });
    if (done) done = checkNameTables(db);
    if (done) done = db.commit();
    if (!done) db.rollback();
    return done;
}

Result<bool> hasLog(Database& db) {
    bool there = false;
    auto done = db.run([&] { there = db.sqlite().tableExists("event"); });
    if (!done) return done.error();
    return there;
}

Result<void> checkNotNewer(Database& db) {
    return db.run([&] {
        if (appliedCount(db.sqlite()) == 0) refuse("the database holds no log");
    });
}

Result<void> checkSchema(Database& db) {
    std::size_t applied = 0;
    if (auto read = db.run([&] { applied = appliedCount(db.sqlite()); }); !read) return read;
    if (applied == migrations().size()) return checkNameTables(db);
    return Error{ErrorCode::invalid_request, "the database has schema " + std::to_string(applied) +
                                                 ", this program needs " +
                                                 std::to_string(migrations().size()) +
                                                 ": start `parley serve` once to migrate it"};
}

}  // namespace parley
