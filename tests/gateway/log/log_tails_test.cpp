#include "gateway/log/log_tails.h"

#include "gateway/loop_world.h"

#include <parley/core/limits.h>

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

namespace {

struct TailWorld : LoopWorld {
    LogTails tails{shared, loop, clients, calls};

    ~TailWorld() { engine->stop(); }  // its readers know the tails

    std::vector<std::string> follow(Client& client, FollowLog asked = {}) {
        tails.follow(client, {client.connection(), WireRequest::joinLog, 1}, std::move(asked));
        turn();
        return heard(client);
    }
    /// Time passes until the tails look, and what they read comes back.
    std::vector<std::string> look(Client& client, bool reads = true) {
        loop.pass(LogTails::kBetween);
        if (reads) loop.runNext();
        return heard(client);
    }
};

bool tells(const std::vector<std::string>& heard, const std::string& text) {
    return heard.size() == 1 && heard.front().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("where nobody follows the log, no time is asked for") {
    TailWorld world;
    Client& client = world.connect();
    const auto before = world.loop.timers();
    world.say("c", "one");
    CHECK(world.loop.timers() == before);
    world.follow(client);
    CHECK(world.loop.timers() == before + 1);
    world.tails.end(client.connection());
    world.loop.pass(LogTails::kBetween);
    CHECK(world.loop.timers() == before);
}

TEST_CASE("what comes to be in the log is sent together, once") {
    TailWorld world;
    Client& client = world.connect();
    world.say("c", "before");
    const auto head = world.engine->head().value;
    CHECK(tells(world.follow(client), "\"position\":" + std::to_string(head)));
    world.say("c", "one");
    world.say("c", "two");
    const auto heard = world.look(client);
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().starts_with("42[\"log_events\",{\"events\":["));
    CHECK(heard.front().find("\"content\":\"one\"") < heard.front().find("\"content\":\"two\""));
    CHECK(heard.front().find("before") == std::string::npos);
    CHECK(heard.front().find("\"upTo\":" + std::to_string(world.engine->head().value)) !=
          std::string::npos);
    CHECK(world.look(client, /*reads=*/false).empty());
}

TEST_CASE("a later join_log replaces the earlier one") {
    TailWorld world;
    Client& client = world.connect();
    world.follow(client);
    world.say("c", "one");
    FollowLog other;
    other.query.conversation = ConversationId::fromStored("d");
    world.follow(client, other);
    CHECK(world.shared.logTails == 1);
    world.say("d", "two");
    const auto heard = world.look(client);
    CHECK(tells(heard, "two"));
    CHECK(heard.front().find("one") == std::string::npos);
}

TEST_CASE("a client that has gone, or has left the namespace, is followed by nothing") {
    TailWorld world;
    Client& client = world.connect();
    world.follow(client);
    CHECK(world.shared.logTails == 1);
    REQUIRE(client.receive(/*binary=*/false, "1"));
    world.turn();
    world.heard(client);
    world.say("c", "one");
    CHECK(world.look(client, /*reads=*/false).empty());
    CHECK(world.shared.logTails == 0);
    Client& other = world.connect();
    world.follow(other);
    world.drop(other);
    world.say("c", "two");
    world.loop.pass(LogTails::kBetween);
    CHECK(world.shared.logTails == 0);
}

TEST_CASE("a tail that is too far behind goes on at the end") {
    TailWorld world;
    Client& client = world.connect();
    std::vector<Request> requests;
    for (std::int64_t i = 0; i <= LogTails::kBehindMax; ++i) {
        requests.push_back({{}, Command(message("c", "speaker", UserRole::agent, "x"))});
        if (requests.size() < 1000 && i < LogTails::kBehindMax) continue;
        world.engine->submit(requests, [](const Request&, const Error&) { FAIL("not taken"); });
        world.turn();
    }
    FollowLog all;
    all.after = Position{0};
    CHECK(tells(world.follow(client, all), "\"position\":0"));
    const auto head = std::to_string(world.engine->head().value);
    CHECK(tells(world.look(client, /*reads=*/false),
                "{\"events\":[],\"upTo\":" + head + ",\"skippedTo\":" + head + "}"));
    world.say("c", "live");
    CHECK(tells(world.look(client), "live"));
}

TEST_CASE("a client that does not take what it was sent is left alone") {
    TailWorld world;
    Client& client = world.connect();
    world.follow(client);
    world.net.wire.backlog = limits::kReadBacklogBytesMax + 1;
    world.say("c", "one");
    CHECK(world.look(client, /*reads=*/false).empty());
    world.net.wire.backlog = 0;
    CHECK(tells(world.look(client), "one"));
}
