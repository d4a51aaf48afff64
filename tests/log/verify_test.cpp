#include "support/temp_folder.h"

#include <parley/core/clock.h>
#include <parley/core/limits.h>
#include <parley/log/event_log.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>
#include <parley/log/verify.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace parley;

namespace {

/// A log in memory with `count` messages of one conversation.
struct World {
    explicit World(int count) : db(Database::openInMemory().value()) {
        REQUIRE(migrate(*db, ManualClock()).ok());
        log = EventLog::open(*db, random).value();
        for (int i = 1; i <= count; ++i) append(i);
    }
    void append(int seq) {
        Event event;
        event.conversation = ConversationId::fromStored("c");
        event.seq = {seq};
        event.type = EventType::messageSent;
        event.at = {1'700'000'000'000 + seq};
        event.actor = UserId::fromStored("anna");
        event.id = uuids.next(event.at);
        event.data = "{}";
        event.content = "message " + std::to_string(seq);
        REQUIRE(log->append({&event, 1}).ok());
    }
    // As a disk editor would: the triggers do not see it.
    void tamper(const std::string& sql) {
        db->sqlite().exec("DROP TRIGGER event_never_updated; DROP TRIGGER event_never_deleted");
        db->sqlite().exec(sql);
    }
    SeededRandom random{7};
    UuidGenerator uuids{random};
    std::unique_ptr<Database> db;
    std::unique_ptr<EventLog> log;
};

std::string problemAt(Database& db, std::int64_t position) {
    const auto report = verifyLog(db);
    REQUIRE(report.ok());
    REQUIRE_FALSE(report->good);
    REQUIRE(report->badPosition.value == position);
    return report->problem;
}

}  // namespace

TEST_CASE("a sound log verifies, whole and at its end") {
    World world(10);
    const auto whole = verifyLog(*world.db);
    const auto tail = verifyTail(*world.db, 3);
    REQUIRE(whole.ok());
    REQUIRE(whole->good);
    REQUIRE(whole->last.value == 10);
    REQUIRE(tail->good);
    REQUIRE(tail->hash == whole->hash);
}

TEST_CASE("verification names the first position whose words, order or place were changed") {
    SECTION("words") {
        World world(10);
        world.tamper("UPDATE event SET content = 'forged' WHERE position IN (4, 7)");
        REQUIRE(problemAt(*world.db, 4).find("its hash is") == 0);
        REQUIRE(verifyLog(*world.db)->last.value == 3);
    }
    SECTION("a missing event") {
        World world(10);
        world.tamper("DELETE FROM event WHERE position = 5");
        REQUIRE(problemAt(*world.db, 6) == "expected position 5, found 6");
    }
    SECTION("a seq") {
        World world(10);
        world.tamper("UPDATE event SET seq = 99 WHERE position = 8");
        REQUIRE(problemAt(*world.db, 8).find("expected seq 8, found 99") == 0);
    }
    SECTION("an event whose author is not known any more") {
        World world(10);
        world.tamper(
            "PRAGMA foreign_keys = OFF; DROP TRIGGER user_key_never_deleted;"
            "DELETE FROM user_key");
        const auto report = verifyLog(*world.db);
        REQUIRE_FALSE(report->good);
        REQUIRE(report->badPosition.value == 1);
    }
}

TEST_CASE("the end of the log is checked by itself: what lies before it is taken on trust") {
    World world(10);
    world.tamper("UPDATE event SET content = 'forged' WHERE position = 4");
    REQUIRE(verifyTail(*world.db, 6)->good);
    const auto report = verifyTail(*world.db, 7);
    REQUIRE_FALSE(report->good);
    REQUIRE(report->badPosition.value == 4);
}

TEST_CASE(
    "a start checks as many of the last events as its limit says; a whole check says how far it "
    "is") {
    constexpr auto kChecked = static_cast<int>(limits::kEventsVerifiedAtStart);
    TempFolder folder;
    World world(kChecked + 10);
    world.tamper("UPDATE event SET content = 'forged' WHERE position = 10");
    REQUIRE(verifyAtStart(*world.db, folder.path()).ok());
    std::vector<std::int64_t> told;
    const auto whole = verifyLog(*world.db, [&](Position checked, Position head) {
        told.push_back(checked.value);
        REQUIRE(head.value == kChecked + 10);
    });
    REQUIRE(whole->badPosition.value == 10);
    REQUIRE(told.empty());
    REQUIRE(verifyLog(*World(kChecked + 10).db, [&](Position checked, Position) {
                told.push_back(checked.value);
            })->good);
    // Once for each chunk of the log.
    static_assert(kChecked == 2 * limits::kWalkEvents);
    REQUIRE(told == std::vector<std::int64_t>{limits::kWalkEvents, kChecked, kChecked + 10});

    world.db->sqlite().exec("UPDATE event SET content = 'forged' WHERE position = 11");
    const auto refused = verifyAtStart(*world.db, folder.path());
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::storage_damaged);
    REQUIRE(refused.error().message.find("event 11: its hash is") != std::string::npos);
}

TEST_CASE("the note of the head knows when the log's end is missing or another") {
    TempFolder folder;
    World world(10);
    auto witness = HeadWitness::open(folder.path());
    REQUIRE(witness.ok());
    const auto head = world.log->head();
    (*witness)->note({head.position, head.hash});
    REQUIRE(HeadWitness::read(folder.path()).value()->position == head.position);
    REQUIRE(checkWitness(*world.db, folder.path()).ok());

    SECTION("a log that has gone on is good") {
        world.append(11);
        REQUIRE(checkWitness(*world.db, folder.path()).ok());
    }
    SECTION("a log that ends before it is refused") {
        World shorter(9);
        const auto refused = checkWitness(*shorter.db, folder.path());
        REQUIRE(refused.error().code == ErrorCode::storage_damaged);
        REQUIRE(refused.error().message.find("ends at position 9, but it had reached 10") !=
                std::string::npos);
    }
    SECTION("another log of the same length is refused") {
        (*witness)->note({head.position, Digest{}});
        REQUIRE(checkWitness(*world.db, folder.path()).error().message.find("exchanged") !=
                std::string::npos);
    }
    SECTION("an empty database is refused") {
        auto empty = Database::openInMemory();
        REQUIRE_FALSE(checkWitness(**empty, folder.path()).ok());
    }
    SECTION("a torn note says nothing") {
        std::ofstream(folder.path() / "parley.head") << "0000000000000000001";
        REQUIRE_FALSE(HeadWitness::read(folder.path()).value());
        REQUIRE(checkWitness(*world.db, folder.path()).ok());
    }
}
