#include <parley/projection/rebuild.h>

#include <array>
#include <optional>

#include <parley/log/event_reader.h>
#include <parley/projection/view_writer.h>

namespace parley {
namespace {

constexpr std::size_t kConversationsGatheredMax = 500'000;
constexpr std::array kTables{"message_overlay", "participant", "conversation"};

// Folds the whole log into whichever tables the names resolve to.
Result<Position> foldAll(Database& db) {
    auto reader = EventReader::open(db);
    if (!reader) return reader.error();
    std::optional<ViewWriter> writer;
    if (auto done = db.run([&] { writer.emplace(db.sqlite()); }); !done) return done.error();
    auto position = (*reader)->scan([&](const Event& event) {
        writer->apply(event);
        if (writer->gathered() >= kConversationsGatheredMax) writer->flush();
    });
    if (!position) return position;
    if (auto done = db.run([&] { writer->flush(); }); !done) return done.error();
    return position;
}

std::string tempTable(SQLite::Database& db, const std::string& table) {
    SQLite::Statement row(db, "SELECT sql FROM main.sqlite_schema WHERE type='table' AND name=?");
    row.bind(1, table);
    row.executeStep();
    std::string sql = row.getColumn(0).getString();
    return sql.replace(0, std::string("CREATE TABLE").size(), "CREATE TEMP TABLE");
}

std::int64_t rowsOnlyIn(SQLite::Database& db, const std::string& table, const std::string& a,
                        const std::string& b) {
    return db
        .execAndGet("SELECT count(*) FROM (SELECT * FROM " + a + "." + table +
                    " EXCEPT SELECT * FROM " + b + "." + table + ")")
        .getInt64();
}

void compare(SQLite::Database& db, RebuildCheck& check) {
    for (const std::string table : kTables) {
        const auto live = rowsOnlyIn(db, table, "main", "temp");
        const auto rebuilt = rowsOnlyIn(db, table, "temp", "main");
        if (live != 0 || rebuilt != 0) {
            check.differences.push_back(table + ": " + std::to_string(live) +
                                        " live rows that a rebuild does not give, " +
                                        std::to_string(rebuilt) + " rebuilt rows that are not live");
        }
    }
}

}  // namespace

Result<Position> rebuildViews(Database& db) {
    if (auto begun = db.begin(); !begun) return begun.error();
    auto position = [&]() -> Result<Position> {
        auto emptied = db.run([&] {
            for (const std::string table : kTables) db.sqlite().exec("DELETE FROM " + table);
        });
        if (!emptied) return emptied.error();
        auto folded = foldAll(db);
        if (!folded) return folded;
        auto recorded = db.run([&] {
            db.sqlite().exec("INSERT OR REPLACE INTO projection_version VALUES ('views', " +
                             std::to_string(kProjectionVersion) + ")");
        });
        if (!recorded) return recorded.error();
        if (auto committed = db.commit(); !committed) return committed.error();
        return folded;
    }();
    if (!position) db.rollback();
    return position;
}

Result<RebuildCheck> checkViews(Database& db) {
    RebuildCheck check;
    // Temporary tables of the same names come first when SQLite resolves a name, so that the
    // very statements that write the live tables fill these.
    auto prepared = db.run([&] {
        db.sqlite().exec("PRAGMA query_only = OFF; PRAGMA temp_store = MEMORY; BEGIN");
        for (const std::string table : kTables) db.sqlite().exec(tempTable(db.sqlite(), table));
    });
    if (!prepared) return prepared.error();
    auto folded = foldAll(db);
    if (!folded) return folded.error();
    check.position = *folded;
    auto compared = db.run([&] {
        compare(db.sqlite(), check);
        for (const std::string table : kTables) db.sqlite().exec("DROP TABLE temp." + table);
        db.sqlite().exec("COMMIT");
    });
    if (!compared) return compared.error();
    return check;
}

Result<bool> viewsAreCurrent(Database& db) {
    bool current = false;
    auto done = db.run([&] {
        SQLite::Statement row(db.sqlite(),
                              "SELECT version FROM projection_version WHERE name = 'views'");
        current = row.executeStep() && row.getColumn(0).getInt() == kProjectionVersion;
    });
    if (!done) return done.error();
    return current;
}

}  // namespace parley
