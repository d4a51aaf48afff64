#include "support/engine_world.h"

#include <parley/core/json.h>
#include <parley/core/limits.h>
#include <parley/domain/upkeep/upkeep.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

struct World {
    EngineWorld running;

    explicit World(milliseconds keep = hours(24 * 30)) : running(keeping(keep)) {}

    static EngineOptions keeping(milliseconds keep) {
        EngineOptions options;
        options.typingRetention = keep;
        return options;
    }
    /// Types, sends a message and stops typing, `count` times: three events each.
    void chat(int count) {
        running.join("c", "anna");
        for (int i = 0; i < count; ++i) {
            running.type("c", "anna", "Anna Nym");
            running.stopTyping("c", "anna");
            running.say("c", "anna", "hello");
        }
        running.settleWell();
    }
    bool emptied(std::uint64_t count) {
        return running.becomes([&] { return running.counters().typingEmptied >= count; },
                               milliseconds(20));
    }
    /// Lets the writer carry out every slice that is due.
    void passTime() {
        for (int i = 0; i < 20; ++i) {
            running.clock().advance(milliseconds(2000));
            running.say("other", "bob", "tick");
            running.settleWell();
        }
    }
    std::vector<StoredEvent> log() {
        auto db = Database::openReader(running.database());
        REQUIRE(db.ok());
        auto events = LogWalk(**db).read({}, 1'000'000);
        REQUIRE(events.ok());
        return *events;
    }
    void requireGood() {
        auto db = Database::openReader(running.database());
        REQUIRE(db.ok());
        const auto report = verifyLog(**db);
        REQUIRE(report.ok());
        CAPTURE(report->problem);
        CHECK(report->good);
        const auto views = checkViews(**db);
        REQUIRE(views.ok());
        CHECK(views->differences.empty());
    }
};

std::vector<Json> applied(const std::vector<StoredEvent>& log) {
    std::vector<Json> found;
    for (const auto& stored : log) {
        if (stored.event.type != EventType::retentionApplied) continue;
        CHECK(stored.event.conversation.str() == system_id::kConversation);
        CHECK(stored.event.actor.str() == system_id::kActor);
        CHECK(stored.event.seq.value == static_cast<std::int64_t>(found.size()) + 1);
        found.push_back(*parseJson(stored.event.data));
    }
    return found;
}

int emptyEvents(const std::vector<StoredEvent>& log) {
    int count = 0;
    for (const auto& stored : log) {
        if (!stored.commitment) continue;
        CHECK(isTyping(stored.event.type));
        CHECK(stored.event.data.empty());
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("old typing events lose their data and nothing else, and the log says so and verifies") {
    World world;
    world.chat(10);
    const auto before = world.log();
    world.running.clock().advance(hours(24 * 31));
    world.chat(3);  // young: they stay
    REQUIRE(world.emptied(20));
    world.passTime();
    const auto after = world.log();
    CHECK(emptyEvents(after) == 20);
    for (std::size_t i = 0; i < before.size(); ++i) {
        CHECK(after[i].hash == before[i].hash);
        CHECK(after[i].event.content == before[i].event.content);
        CHECK(after[i].event.actor == before[i].event.actor);
    }
    auto db = Database::openReader(world.running.database());
    REQUIRE(db.ok());
    CHECK((*db)
              ->sqlite()
              .execAndGet("SELECT count(*) FROM v1_event WHERE emptied AND data IS NULL"
                          " AND type LIKE 'typing%'")
              .getInt() == 20);
    const auto events = applied(after);
    REQUIRE(events.size() == 1);
    CHECK(events[0]["setting"] == "retention.typing");
    CHECK(events[0]["emptied"] == 20);
    CHECK(events[0]["after"] == 0);
    CHECK(events[0]["through"] == before.back().event.position.value);
    world.requireGood();
}

TEST_CASE("retention works in slices, each with its event, and continues after a restart") {
    World world;
    world.chat(1200);
    world.running.settleWell();
    world.running.clock().advance(hours(24 * 31));
    world.running.open();
    world.running.clock().advance(
        hours(1));  // so long after the log's end a start has to doubt the clock
    REQUIRE(world.emptied(1));
    world.running.open();  // in the middle of the walk
    REQUIRE(
        world.running.becomes([&] { return emptyEvents(world.log()) == 2400; }, milliseconds(20)));
    world.running.open();  // with nothing left to do
    world.passTime();
    const auto events = applied(world.log());
    CHECK(events.size() >= 3);
    std::int64_t total = 0;
    std::int64_t through = 0;
    for (const auto& event : events) {
        CHECK(event["emptied"].get<int>() <= limits::kRetentionEventsMax);
        CHECK(event["after"].get<std::int64_t>() >= through);
        through = event["through"].get<std::int64_t>();
        total += event["emptied"].get<std::int64_t>();
    }
    CHECK(total == 2400);
    world.requireGood();
}

TEST_CASE("a start long after the log's end empties nothing before an hour has passed") {
    World world;
    world.chat(10);
    world.running.close();  // while running it would not doubt its clock
    world.running.clock().advance(hours(24 * 31));
    world.running.open();
    world.passTime();
    CHECK(emptyEvents(world.log()) == 0);
    world.running.clock().advance(hours(1));
    CHECK(world.emptied(20));
    world.requireGood();
}

TEST_CASE("retention finds typing behind more other events than one slice covers") {
    World world;
    world.running.join("c", "anna");
    for (int i = 0; i < limits::kRetentionScanMax + 100; ++i) world.running.say("c", "anna", "x");
    world.chat(1);
    world.running.clock().advance(hours(24 * 31));
    world.running.open();
    world.running.clock().advance(
        hours(1));  // so long after the log's end a start has to doubt the clock
    CHECK(world.emptied(2));
    world.requireGood();
}

TEST_CASE("retention runs even if requests never stop") {
    World world;
    world.chat(300);
    world.running.clock().advance(hours(24 * 31));
    for (int round = 0; round < 6000 && world.running.counters().typingEmptied < 600; ++round) {
        for (int i = 0; i < 50; ++i) world.running.say("c", "anna", "busy");
        world.running.settleWell();
        world.running.clock().advance(milliseconds(400));
    }
    CHECK(world.running.counters().typingEmptied == 600);
    world.requireGood();
}

TEST_CASE("with retention off typing is kept for ever") {
    World world{milliseconds(0)};
    world.chat(10);
    world.running.clock().advance(hours(24 * 365));
    world.passTime();
    CHECK(emptyEvents(world.log()) == 0);
    CHECK(applied(world.log()).empty());
}

TEST_CASE("a walk that lost its place starts again, and empties nothing twice") {
    World world;
    world.chat(10);
    world.running.clock().advance(hours(24 * 31));
    REQUIRE(world.emptied(20));
    world.running.close();
    {
        auto db = Database::openWriter(world.running.database());
        REQUIRE(db.ok());
        (*db)->sqlite().exec("DELETE FROM retention_walk");
    }
    world.running.open();
    world.passTime();
    CHECK(emptyEvents(world.log()) == 20);
    CHECK(applied(world.log()).size() == 1);
    world.requireGood();
}
