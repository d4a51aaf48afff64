#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/core/hex.h>
#include <parley/log/event_index_check.h>
#include <parley/log/verify.h>

#include <catch2/catch.hpp>

#include <span>

using namespace parley;

namespace {

/// Messages of three conversations and three authors; two of three have a client's id.
void write(WrittenLog& log, int count) {
    const int first = static_cast<int>(log.head().position.value);
    std::vector<Event> events;
    for (int i = 1; i <= count; ++i) {
        events.push_back(log.event(EventType::messageSent, "c" + std::to_string(i % 3),
                                   "user " + std::to_string(i * 7 % 5 % 3)));
        if (i % 3 > 0) {
            events.back().clientMessageId = ClientMessageId::fromStored(
                std::string(static_cast<std::size_t>(i % 11), 'x') + std::to_string(first + i));
        }
    }
    REQUIRE(log.append(events));
}

EventIndexCheck checkOf(Database& db) {
    EventIndexCheck check;
    const auto report =
        verifyLog(db, {}, {}, [&](std::span<const StoredEvent> good) { check.take(good); });
    REQUIRE(report.ok());
    REQUIRE(report->good);
    return check;
}

std::string problemOf(Database& db) {
    const auto found = checkOf(db).finish(db);
    REQUIRE(found.ok());
    return found->value_or("");
}

std::string idOf(Database& db, int position) {
    return "X'" +
           db.sqlite()
               .execAndGet("SELECT hex(id) FROM event WHERE position = " + std::to_string(position))
               .getString() +
           "'";
}

// Gives an index the entries of another one, as a damaged file or a disk editor would.
void makeWrong(Database& db, const std::string& name, const std::string& entries) {
    auto& sqlite = db.sqlite();
    const std::string sql =
        sqlite.execAndGet("SELECT sql FROM sqlite_schema WHERE name = '" + name + "'").getString();
    sqlite.exec("DROP INDEX " + name + "; CREATE INDEX " + name + " ON event " + entries +
                "; PRAGMA writable_schema = ON");
    SQLite::Statement write(sqlite, "UPDATE sqlite_schema SET sql = ? WHERE name = ?");
    write.bind(1, sql);
    write.bind(2, name);
    write.exec();
}

}  // namespace

TEST_CASE("sound indexes of the event table are right, in any number of parts") {
    const TempFolder folder;
    WrittenLog log(folder.path());
    CHECK(problemOf(log.db()).empty());
    write(log, 40);
    CHECK(problemOf(log.db()).empty());
    write(log, 70'000);
    CHECK(problemOf(log.db()).empty());
}

TEST_CASE("events that are appended after the rows were read do not make an index wrong") {
    const TempFolder folder;
    WrittenLog log(folder.path());
    write(log, 40);
    const auto check = checkOf(log.db());
    write(log, 40);
    const auto found = check.finish(log.db());
    REQUIRE(found.ok());
    CHECK(found->value_or("").empty());
}

TEST_CASE("a wrong index of the event table is found") {
    const TempFolder folder;
    const auto file = DataFolder::databaseIn(folder.path());
    std::string index;
    {
        WrittenLog log(folder.path());
        write(log, 40);
        auto& db = log.db();
        std::string entries;
        SECTION("without an entry") {
            index = "event_id";
            entries = "(id) WHERE position <> 5";
        }
        SECTION("with a changed entry") {
            index = "event_id";
            entries = "(iif(position = 5, zeroblob(16), id))";
        }
        SECTION("with two entries that were exchanged") {
            index = "event_id";
            entries = "(iif(position = 5, " + idOf(db, 6) + ", iif(position = 6, " + idOf(db, 5) +
                      ", id)))";
        }
        SECTION("with an entry twice, in the place of another") {
            index = "event_id";
            entries = "(iif(position = 5, " + idOf(db, 6) + ", id))";
        }
        SECTION("out of order") {
            index = "event_id";
            entries = "(id DESC)";
        }
        SECTION("with another seq") {
            index = "event_conversation_seq";
            entries = "(conversation, iif(position = 5, seq + 1000, seq))";
        }
        SECTION("with its columns exchanged") {
            index = "event_conversation_seq";
            entries = "(seq, conversation)";
        }
        SECTION("without any entry") {
            index = "event_conversation_seq";
            entries = "(conversation, seq) WHERE position < 0";
        }
        SECTION("with an id of another type") {
            index = "event_client_message_id";
            entries =
                "(conversation, actor, CAST(client_message_id AS BLOB))"
                " WHERE client_message_id IS NOT NULL";
        }
        SECTION("with another author") {
            index = "event_client_message_id";
            entries =
                "(conversation, iif(position = 5, actor + 1, actor), client_message_id)"
                " WHERE client_message_id IS NOT NULL";
        }
        SECTION("without one of the ids") {
            index = "event_client_message_id";
            entries =
                "(conversation, actor, client_message_id)"
                " WHERE client_message_id IS NOT NULL AND position <> 5";
        }
        makeWrong(db, index, entries);
    }
    const auto db = Database::openReader(file);
    REQUIRE(db.ok());
    // SQLite's own check agrees.
    CHECK((*db)->sqlite().execAndGet("PRAGMA integrity_check(1)").getString() != "ok");
    CHECK((*db)->sqlite().execAndGet("PRAGMA quick_check(1)").getString() == "ok");
    CHECK(problemOf(**db).find("index " + index + " ") == 0);
}
