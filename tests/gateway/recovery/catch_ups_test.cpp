#include "gateway/recovery/catch_ups.h"

#include "gateway/loop_world.h"
#include "gateway/recovery/catch_up.h"

#include <parley/core/limits.h>

#include <SQLiteCpp/SQLiteCpp.h>

using namespace parley;
using namespace parley::test;

namespace {

const Viewer kAgent = Viewer::of(UserKey{1}, UserRole::agent);
constexpr ConversationKey kRoom{1};

/// A conversation in which something has been said, and a client that comes back.
class World : public LoopWorld {
public:
    explicit World(EngineOptions with = {}) : LoopWorld(std::move(with)) {
        say("c", "first");
        say("c", "second");
        client_ = &connect();
        client().presence().subscriber.takeCursors();
    }

    Client& client() { return *client_; }
    Position head() { return {engine->counters().headPosition}; }
    bool catchesUp() { return client().presence().catchUp != nullptr; }
    /// All of the conversation was missed, or what came after `after`.
    Gap gap(Position after = {}) {
        Gap gap;
        gap.rooms.push_back({kRoom, kAgent, after});
        gap.upTo = head();
        return gap;
    }
    /// Runs what the readers bring, until the client is live.
    void catchUp() {
        while (catchesUp()) loop.runNext();
    }
    /// The names of the events that the client was sent, in their order.
    std::vector<std::string> told() {
        std::vector<std::string> names;
        for (const auto& frame : heard(client())) {
            if (!frame.starts_with("42[")) continue;
            const auto json = parseJson(std::string_view(frame).substr(2));
            REQUIRE(json);
            names.push_back(json->at(0).get<std::string>());
        }
        return names;
    }
    /// A broadcast to the conversation, as LoopService hands it on. Names the clients that are
    /// held.
    std::vector<ConnectionId> broadcast() {
        Delivery delivery;
        delivery.frame = engineio::test::text(R"(2["live",1])");
        delivery.room = kRoom;
        std::vector<ConnectionId> held;
        rooms.deliver(delivery, net.endpoint, held);
        return held;
    }

private:
    Client* client_ = nullptr;
};

}  // namespace

TEST_CASE("a client is sent what it missed before what is live meanwhile, and is live then") {
    World world;
    world.catchUps.begin(world.client(), world.gap());
    CHECK(world.catchesUp());
    CHECK(world.client().presence().subscriber.rooms() ==
          std::vector<Subscription>{{kRoom, kAgent}});
    CHECK(world.broadcast() == std::vector<ConnectionId>{world.client().connection()});
    world.client().send(engineio::test::text(R"(2["live",1])"));
    CHECK(world.told().empty());
    world.catchUp();
    const auto told = world.told();
    REQUIRE(told.size() >= 3);
    CHECK(std::count(told.begin(), told.end(), "new_message") == 2);
    CHECK(std::count(told.begin(), told.end(), "live") == 1);
    CHECK(told.back() == "live");
    CHECK(world.broadcast().empty());
    CHECK(world.told() == std::vector<std::string>{"live"});
}

TEST_CASE("a client that missed nothing is live at once") {
    World world;
    world.catchUps.begin(world.client(), world.gap(world.head()));
    CHECK_FALSE(world.catchesUp());
    CHECK(world.broadcast().empty());
    CHECK(world.told() == std::vector<std::string>{"live"});
}

TEST_CASE("a room that a removal ended is told up to it, and not joined again") {
    World world;
    auto gap = world.gap();
    gap.rooms.front().until = Position{world.head().value - 1};
    world.catchUps.begin(world.client(), gap);
    world.catchUp();
    const auto told = world.told();
    CHECK(std::count(told.begin(), told.end(), "new_message") == 1);
    CHECK(world.client().presence().subscriber.rooms().empty());
    CHECK(world.broadcast().empty());
    CHECK(world.told().empty());
}

TEST_CASE("a dashboard is watched again") {
    World world;
    Gap gap;
    gap.upTo = world.head();
    gap.dashboardAfter = world.head();
    world.catchUps.begin(world.client(), gap);
    CHECK_FALSE(world.catchesUp());
    CHECK(world.client().presence().subscriber.watchesDashboard());
}

TEST_CASE("a dashboard that comes back is told who types, after what it missed") {
    World world;
    world.shared.typing.note({.conversation = room("c"),
                              .conversationKey = kRoom,
                              .user = user("speaker"),
                              .userName = "Sp",
                              .isTyping = true});
    Gap gap = world.gap();
    gap.dashboardAfter = Position{};
    world.catchUps.begin(world.client(), gap);
    world.catchUp();
    const auto plain = world.told();
    CHECK(std::count(plain.begin(), plain.end(), "typing_changed") == 0);
    world.rooms.leaveAll(world.client().presence().subscriber);
    gap.presence = true;
    world.catchUps.begin(world.client(), gap);
    world.catchUp();
    CHECK(world.told().back() == "typing_changed");
}

TEST_CASE("a client that has enough to read is sent more only once it has taken it") {
    World world;
    world.net.wire.backlog = limits::kReplayBacklogBytesMax + 1;
    world.catchUps.begin(world.client(), world.gap());
    world.loop.runNext();
    CHECK(world.told().empty());
    CHECK(world.loop.timers() == 2);  // this one, and that of the connect timeout
    world.loop.pass(std::chrono::milliseconds(10));
    CHECK(world.told().empty());
    CHECK(world.catchesUp());
    world.net.wire.backlog = limits::kReplayBacklogBytesMax;
    world.loop.pass(std::chrono::milliseconds(10));
    CHECK_FALSE(world.told().empty());
    world.catchUp();
}

TEST_CASE("where the readers have too much waiting, a client goes on waiting and is not closed") {
    EngineOptions options;
    options.readsQueuedMax = 0;
    World world(options);
    world.catchUps.begin(world.client(), world.gap());
    for (std::uint64_t tries = 1; tries < 5; ++tries) {
        CHECK(world.engine->counters().readsBusy == tries);
        world.loop.pass(std::chrono::milliseconds(10));
    }
    CHECK(world.catchesUp());
    CHECK(world.isOpen(world.client()));
    CHECK(world.told().empty());
}

TEST_CASE("a client whose history cannot be read is closed, to come back with the cursor it has") {
    World world;
    const auto gap = world.gap();
    {
        SQLite::Database raw(DataFolder::databaseIn(world.folder.path()).string(),
                             SQLite::OPEN_READWRITE);
        raw.exec("DROP TRIGGER event_never_updated; UPDATE event SET type = 99");
    }
    world.catchUps.begin(world.client(), gap);
    world.loop.runNext();
    CHECK_FALSE(world.isOpen(world.client()));
    CHECK(world.told().empty());
}

TEST_CASE("what was read for an earlier presence of a client is not sent to the next one") {
    World world;
    world.catchUps.begin(world.client(), world.gap());
    world.rooms.leaveAll(world.client().presence().subscriber);
    world.client().forgetPresence();
    world.loop.runNext();
    CHECK(world.told().empty());
    world.catchUps.begin(world.client(), world.gap());
    world.catchUp();
    const auto told = world.told();
    CHECK(std::count(told.begin(), told.end(), "new_message") == 2);
}

TEST_CASE("what was read for a client that has gone is dropped") {
    World world;
    world.catchUps.begin(world.client(), world.gap());
    const auto connection = world.client().connection();
    world.clients.erase(connection);
    world.loop.runNext();
    CHECK(world.net.heard(world.sockets.back()).empty());
    CHECK(world.net.endpoint.has(connection));
}
