#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/core/hex.h>
#include <parley/log/read/log_pages.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

/// A log, and what a page of it holds.
struct World {
    TempFolder folder;
    WrittenLog log{folder.path()};
    ConversationSeqs seqs{log.db()};
    LogPages pages{log.db(), seqs};
    std::vector<std::int64_t> positions;
    std::optional<Position> next;

    void add(EventType type, const std::string& conversation, const std::string& actor) {
        std::vector events{log.event(type, conversation, actor)};
        REQUIRE(log.append(events));
    }
    void read(const LogPageQuestion& question, std::size_t room = SIZE_MAX) {
        positions.clear();
        const auto take = [&](const StoredEvent& stored) {
            if (positions.size() == room) return false;
            positions.push_back(stored.event.position.value);
            return true;
        };
        auto read = pages.read(question, take);
        REQUIRE(read.ok());
        next = *read;
    }
    std::int64_t number(const char* sql) { return log.db().sqlite().execAndGet(sql).getInt64(); }
    ConversationKey conversation(const char* id) {
        return {number(
            ("SELECT key FROM conversation_key WHERE id = '" + std::string(id) + "'").c_str())};
    }
    UserKey user(const char* id) {
        return {number(("SELECT key FROM user_key WHERE id = '" + std::string(id) + "'").c_str())};
    }
    void alter(const std::string& assignment, int position) {
        auto& sqlite = log.db().sqlite();
        sqlite.exec("DROP TRIGGER event_never_updated");
        sqlite.exec("UPDATE event SET " + assignment +
                    " WHERE position = " + std::to_string(position));
    }
    CheckedEvent at(std::int64_t position) {
        auto checked = pages.at({position});
        REQUIRE(checked.ok());
        REQUIRE(*checked);
        return **checked;
    }
};

using Positions = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("pages of the log go back from its end and forward from its beginning") {
    World world;
    REQUIRE(world.log.append(5));
    world.read({.filter = {}, .bound = {6}, .limit = 2});
    CHECK(world.positions == Positions{5, 4});
    REQUIRE(world.next);
    CHECK(world.next->value == 4);
    world.read({.filter = {}, .bound = {4}, .limit = 3});
    CHECK(world.positions == Positions{3, 2, 1});
    CHECK_FALSE(world.next);
    world.read({.filter = {}, .bound = {0}, .forward = true, .limit = 2});
    CHECK(world.positions == Positions{1, 2});
    CHECK(world.next == Position{2});
    world.read({.filter = {}, .bound = {2}, .forward = true, .limit = 9});
    CHECK(world.positions == Positions{3, 4, 5});
    CHECK_FALSE(world.next);
    world.read({.filter = {}, .bound = {5}, .forward = true, .limit = 9});
    CHECK(world.positions.empty());
    CHECK_FALSE(world.next);
}

TEST_CASE("a page that has no room goes on behind what it took") {
    World world;
    REQUIRE(world.log.append(5));
    world.read({.filter = {}, .bound = {6}, .limit = 5}, 2);
    CHECK(world.positions == Positions{5, 4});
    CHECK(world.next == Position{4});
}

TEST_CASE("filters of the log: conversation, actor, types, and all of them") {
    World world;
    world.add(EventType::messageSent, "c", "anna");    // 1
    world.add(EventType::messageSent, "d", "anna");    // 2
    world.add(EventType::typingStarted, "c", "anna");  // 3
    world.add(EventType::messageSent, "c", "bob");     // 4
    world.add(EventType::messageSent, "d", "bob");     // 5
    LogPageQuestion question{.filter = {}, .bound = {6}, .limit = 9};
    question.filter.conversation = world.conversation("c");
    world.read(question);
    CHECK(world.positions == Positions{4, 3, 1});
    CHECK_FALSE(world.next);
    question.bound = {4};
    world.read(question);
    CHECK(world.positions == Positions{3, 1});
    question.bound = {1};
    question.forward = true;
    world.read(question);
    CHECK(world.positions == Positions{3, 4});
    question.filter.types = {EventType::messageSent, EventType::typingStopped};
    world.read(question);
    CHECK(world.positions == Positions{4});
    question.filter = {.conversation = {}, .actor = world.user("anna"), .types = {}};
    world.read(question);
    CHECK(world.positions == Positions{2, 3});
    question.filter.conversation = world.conversation("d");
    world.read(question);
    CHECK(world.positions == Positions{2});
}

TEST_CASE("a filter that finds little looks at 10,000 events, and the next page goes on there") {
    World world;
    world.add(EventType::messageSent, "c", "rare");
    REQUIRE(world.log.append(LogPages::kLookedAtMax + 5));
    LogPageQuestion question{.filter = {}, .bound = {LogPages::kLookedAtMax + 7}, .limit = 9};
    question.filter.actor = world.user("rare");
    world.read(question);
    CHECK(world.positions.empty());
    REQUIRE(world.next);
    CHECK(world.next->value == 7);
    question.bound = *world.next;
    world.read(question);
    CHECK(world.positions == Positions{1});
    CHECK_FALSE(world.next);
}

TEST_CASE("an event is checked against the one before it") {
    World world;
    REQUIRE(world.log.append(2));
    world.add(EventType::messageSent, "d", "anna");
    REQUIRE(world.log.append(1));
    const auto first = world.at(1);
    CHECK(first.problem.empty());
    CHECK(first.previousHash == Digest{});
    CHECK(first.recomputed == first.stored.hash);
    CHECK_FALSE(first.previous);
    CHECK(first.next == Position{2});
    const auto second = world.at(2);
    CHECK(second.previousHash == first.stored.hash);
    CHECK(second.previous == Position{1});
    CHECK(second.next == Position{4});
    for (const std::int64_t nowhere : {0, 5, -1}) {
        const auto none = world.pages.at({nowhere});
        REQUIRE(none.ok());
        CHECK_FALSE(*none);
    }
    CHECK(*world.pages.head() == Position{4});
}

TEST_CASE("a changed event is not the one that was written, its neighbours are") {
    World world;
    REQUIRE(world.log.append(3));
    world.alter("content = 'y' || substr(content, 2)", 2);
    CHECK(world.at(1).problem.empty());
    CHECK(world.at(3).problem.empty());
    const auto changed = world.at(2);
    CHECK(changed.recomputed != changed.stored.hash);
    CHECK(changed.problem.starts_with("its hash is "));
}

TEST_CASE("an event that retention has emptied is good, and says so") {
    World world;
    world.add(EventType::typingStarted, "c", "anna");
    const auto written = world.at(1);
    HashChain chain;
    const auto commitment = chain.commitment(
        written.stored.event.data, written.stored.salt ? bytesOf(*written.stored.salt) : "",
        written.stored.event.content.value_or(""));
    world.alter("data = '', salt = NULL, content = NULL, commitment = x'" + toHex(commitment) + "'",
                1);
    const auto emptied = world.at(1);
    CHECK(emptied.problem.empty());
    CHECK(emptied.stored.commitment == commitment);
    CHECK(emptied.recomputed == written.stored.hash);
}
