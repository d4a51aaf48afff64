#include "gateway/clients/admission.h"

#include "gateway/clients/pid.h"
#include "gateway/loop_world.h"

#include <parley/core/limits.h>

using namespace parley;
using namespace parley::test;

namespace {

/// The object with which a client was let in; null: it was not.
Json welcome(const std::vector<std::string>& frames) {
    for (const auto& frame : frames) {
        if (frame.starts_with("40{")) return parseJson(std::string_view(frame).substr(2)).value();
    }
    return {};
}

/// Clients that come, and come back.
class World : public LoopWorld {
public:
    /// A client says CONNECT with this payload; what it was let in with.
    Json enter(Client& client, const Json& auth) {
        REQUIRE(client.receive(false, "0" + (auth.is_null() ? std::string() : auth.dump())));
        turn();
        frames_ = heard(client);
        return welcome(frames_);
    }
    /// One that wants recovery; its pid.
    std::string enterWithSession(Client& client) {
        return enter(client, {{"recovery", true}}).at("pid").get<std::string>();
    }
    /// All that the client was sent while it entered.
    const std::vector<std::string>& frames() const { return frames_; }

private:
    std::vector<std::string> frames_;
};

bool tells(const std::vector<std::string>& frames, std::string_view text) {
    return std::any_of(frames.begin(), frames.end(), [&](const std::string& frame) {
        return frame.find(text) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("a client that does not ask for recovery is let in at once, without a pid") {
    World world;
    Client& client = world.open();
    REQUIRE(client.receive(false, "0"));
    const Json let = welcome(world.heard(client));
    CHECK(let.at("sid").get<std::string>().size() == 20);
    CHECK_FALSE(let.contains("pid"));
    world.join(client, "c", "u");
    CHECK(world.engine->counters().sessionsStored == 0);
}

TEST_CASE("a client that asks is given a pid, and comes back under it with what it missed") {
    World world;
    Client& first = world.open();
    const auto pid = world.enterWithSession(first);
    CHECK(isPid(pid));
    world.join(first, "c", "u");
    CHECK(world.engine->counters().sessionsStored == 1);
    world.drop(first);
    CHECK(world.shared.subscriptions == 0);
    world.say("c", "while it was away");

    Client& second = world.open();
    const Json let = world.enter(second, {{"pid", pid}});
    CHECK(let.at("pid") == pid);
    while (second.presence().catchUp) world.loop.runNext();
    CHECK((tells(world.frames(), "while it was away") ||
           tells(world.heard(second), "while it was away")));
    CHECK(second.presence().subscriber.rooms().size() == 1);
    CHECK(world.engine->counters().sessionsResumed == 1);
}

TEST_CASE("a pid that nobody knows gets a new session, in no room") {
    World world;
    Client& client = world.open();
    SeededRandom other{99};
    const auto unknown = newPid(other);
    const Json let = world.enter(client, {{"pid", unknown}});
    const auto given = let.at("pid").get<std::string>();
    CHECK(isPid(given));
    CHECK(given != unknown);
    CHECK(client.presence().subscriber.rooms().empty());
    CHECK_FALSE(client.presence().resuming);
    CHECK(world.engine->counters().sessionsNotResumed == 1);
}

TEST_CASE("a client waits for the writer's word on its session, and its CONNECT counts as a call") {
    World world;
    Client& client = world.open();
    SeededRandom other{99};
    REQUIRE(client.receive(false, "0" + Json({{"pid", newPid(other)}}).dump()));
    CHECK(welcome(world.heard(client)).is_null());
    CHECK(client.presence().resuming);
    CHECK(client.takesAnswers());
    CHECK_FALSE(client.settled());
    world.turn();
    CHECK(client.connected());
    CHECK(client.settled());
}

TEST_CASE("a client that leaves the namespace by itself ends its session, and is in no room") {
    World world;
    Client& client = world.open();
    const auto pid = world.enterWithSession(client);
    world.join(client, "c", "u");
    CHECK(world.shared.subscriptions == 1);
    REQUIRE(client.receive(false, "1"));
    world.turn();
    CHECK(world.shared.subscriptions == 0);
    CHECK(world.engine->counters().sessionsStored == 0);
    const Json let = world.enter(client, {{"pid", pid}});
    CHECK(let.at("pid") != pid);
}

TEST_CASE("a client whose session cannot be looked for now is closed instead of refused") {
    World world;
    Client& first = world.open();
    const auto pid = world.enterWithSession(first);
    world.join(first, "c", "u");
    world.drop(first);

    world.server.load.tasks = limits::kMailboxTasksMax + 1;
    Client& busy = world.open();
    CHECK(world.enter(busy, {{"pid", pid}}).is_null());
    CHECK_FALSE(world.isOpen(busy));
    CHECK(world.net.closeReason() == engineio::CloseReason::comeBack);  // all polling clients do
    CHECK_FALSE(tells(world.frames(), "44"));                           // a CONNECT_ERROR

    world.server.load = {};
    Client& again = world.open();
    CHECK(world.enter(again, {{"pid", pid}}).at("pid") == pid);
    CHECK(world.isOpen(again));
}

TEST_CASE("a cursor of another history starts a new session") {
    World world;
    Client& first = world.open();
    const auto pid = world.enterWithSession(first);
    world.join(first, "c", "u");
    world.drop(first);
    Client& second = world.open();
    const Json let = world.enter(second, {{"pid", pid}, {"offset", "1:AAAAAAAA"}});
    CHECK(let.at("pid") != pid);
    CHECK(second.presence().subscriber.rooms().empty());
}

TEST_CASE("a server without recovery gives no pid to anybody") {
    World world;
    world.options.recoveryFor = RecoveryFor::none;
    Client& client = world.open();
    const Json let = world.enter(client, {{"recovery", true}});
    CHECK(let.contains("sid"));
    CHECK_FALSE(let.contains("pid"));
}
