#include "log/migrated.h"

#include <parley/core/clock.h>
#include <parley/core/json.h>
#include <parley/domain/event.h>
#include <parley/log/migrations.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace parley;
using test::fileText;
using test::migrated;

namespace {

std::string dump(Database& db) {
    std::string out = "-- What all migrations give; compared by tests/log/schema_test.cpp.\n";
    SQLite::Statement rows(
        db.sqlite(), "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name");
    while (rows.executeStep()) out += "\n" + rows.getColumn(0).getString() + ";\n";
    return out;
}

void insertEvent(Database& db) {
    db.sqlite().exec(
        "INSERT INTO conversation_key VALUES (1, 'c'); INSERT INTO user_key VALUES (1, 'u');"
        "INSERT INTO event (position, conversation, seq, type, version, at, actor, id, data,"
        " content, salt, hash) VALUES (1, 1, 1, 4, 1, 0, 1, x'00', '{}', 'hello', x'01', x'02')");
}

}  // namespace

TEST_CASE("schema/schema.sql is what the migrations give") {
    auto db = migrated();
    REQUIRE(dump(*db) == fileText("schema/schema.sql"));
}

TEST_CASE("migrating a second time changes nothing") {
    auto db = migrated();
    const auto before = dump(*db);
    REQUIRE(migrate(*db, ManualClock()).ok());
    REQUIRE(dump(*db) == before);
}

TEST_CASE("a database newer than the program is refused and left as it is") {
    auto db = migrated();
    db->sqlite().exec("INSERT INTO schema_migration VALUES (99, '0099_future', '', 0)");
    const auto refused = migrate(*db, ManualClock());
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().message.find("knows up to") != std::string::npos);
}

TEST_CASE("a migration that was edited after it had been applied is refused") {
    auto db = migrated();
    db->sqlite().exec("UPDATE schema_migration SET sha256 = 'other'");
    REQUIRE_FALSE(migrate(*db, ManualClock()).ok());
}

TEST_CASE("events cannot be deleted or changed") {
    auto db = migrated();
    insertEvent(*db);
    for (const char* sql :
         {"DELETE FROM event", "UPDATE event SET content = 'other'",
          "UPDATE event SET content = NULL", "UPDATE event SET at = 1",
          "UPDATE event SET data = ''", "UPDATE event SET hash = x'03'",
          "UPDATE event SET commitment = zeroblob(32), content = NULL, at = 1",
          "DELETE FROM user_key", "UPDATE user_key SET id = 'v'", "DELETE FROM conversation_key",
          "UPDATE conversation_key SET id = 'd'"}) {
        CAPTURE(sql);
        REQUIRE_THROWS_AS(db->sqlite().exec(sql), SQLite::Exception);
    }
}

TEST_CASE("content may be emptied when its commitment takes its place, once") {
    auto db = migrated();
    insertEvent(*db);
    db->sqlite().exec("UPDATE event SET commitment = zeroblob(32), content = NULL, salt = NULL");
    REQUIRE_THROWS_AS(db->sqlite().exec("UPDATE event SET commitment = randomblob(32), data = ''"),
                      SQLite::Exception);
}
