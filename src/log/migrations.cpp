#include "log/applied_migrations.h"

#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>
#include <parley/log/name_tables.h>
#include <parley/log/schema.h>

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

namespace parley {
namespace {

constexpr const char* kCreateRecord =
    "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";

void apply(SQLite::Database& db, const Schema& schema, std::size_t index, const Clock& clock) {
    const SqlFile& file = schema.migrations[index];
    db.exec(std::string(file.sql));
    SQLite::Statement record(db,
                             "INSERT INTO schema_migration (version, name, sha256, applied_at)"
                             " VALUES (?, ?, ?, ?)");
    record.bind(1, static_cast<std::int64_t>(index + 1));
    record.bind(2, std::string(file.name));
    record.bind(3, checksumOf(file));
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

bool isCurrent(SQLite::Database& db, const Schema& schema, std::size_t applied) {
    if (applied != schema.migrations.size()) return false;
    const auto version = db.execAndGet("PRAGMA user_version").getInt64();
    if (version != static_cast<std::int64_t>(applied)) return false;
    return std::all_of(schema.views.begin(), schema.views.end(),
                       [&](const SqlFile& view) { return viewIsCurrent(db, view); });
}

// In the open transaction.
Result<void> applyAll(Database& db, const Clock& clock) {
    const Schema& schema = db.schema();
    return db.query([&]() -> Result<void> {
        auto& sqlite = db.sqlite();
        PARLEY_TRY_ASSIGN(const std::size_t applied, appliedCount(sqlite, schema));
        sqlite.exec(kCreateRecord);
        for (std::size_t i = applied; i < schema.migrations.size(); ++i) {
            apply(sqlite, schema, i, clock);
        }
        for (const auto& view : schema.views) {
            if (!viewIsCurrent(sqlite, view)) replaceView(sqlite, view);
        }
        sqlite.exec("PRAGMA user_version = " + std::to_string(schema.migrations.size()));
        return {};
    });
}

Result<std::size_t> appliedTo(Database& db) {
    return db.query([&] { return appliedCount(db.sqlite(), db.schema()); });
}

// Of a data folder the note beside the database says what was lost.
Error withoutLog(Database& db) {
    const char* const name = sqlite3_db_filename(db.sqlite().getHandle(), "main");
    const std::filesystem::path file = name ? name : "";
    if (file == DataFolder::databaseIn(file.parent_path())) {
        if (auto noted = checkWitness(db, file.parent_path()); !noted) return noted.error();
    }
    return {ErrorCode::storage_damaged, "\"" + file.string() + "\" holds no log"};
}

}  // namespace

const Schema& logSchema() {
    static const Schema schema{kApplicationId,
                               {"event", "schema_migration", "conversation"},
                               migrations(),
                               views(),
                               checkNameTables};
    return schema;
}

Result<void> migrate(Database& db, const Clock& clock) {
    const auto isDone = [&]() -> Result<bool> {
        PARLEY_TRY_ASSIGN(const std::size_t applied, appliedCount(db.sqlite(), db.schema()));
        return isCurrent(db.sqlite(), db.schema(), applied);
    };
    PARLEY_TRY_ASSIGN(const bool current, db.query(isDone));
    if (current) return db.schema().check(db);
    PARLEY_TRY(db.begin());
    auto done = applyAll(db, clock);
    if (done) done = db.schema().check(db);
    if (done) done = db.commit();
    if (!done) db.rollback();
    return done;
}

Result<void> checkKnownLog(Database& db) {
    PARLEY_TRY_ASSIGN(const std::size_t applied, appliedTo(db));
    if (applied == 0) return withoutLog(db);
    return {};
}

Result<bool> hasLog(Database& db) {
    return db.query([&] { return db.sqlite().tableExists("event"); });
}

Result<void> checkSchema(Database& db) {
    PARLEY_TRY_ASSIGN(const std::size_t applied, appliedTo(db));
    if (applied == 0 && &db.schema() == &logSchema()) return withoutLog(db);
    const auto needed = db.schema().migrations.size();
    if (applied == needed) return db.schema().check(db);
    return Error{ErrorCode::wrong_schema, "the database has schema " + std::to_string(applied) +
                                              ", this program needs " + std::to_string(needed) +
                                              ": start `parley serve` once to migrate it"};
}

}  // namespace parley
