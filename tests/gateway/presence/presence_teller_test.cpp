#include "gateway/presence/presence_teller.h"

#include "gateway/loop_world.h"

using namespace parley;
using namespace parley::test;

namespace {

using std::chrono::milliseconds;

/// A loop whose broadcasts reach its clients.
class World : public LoopWorld {
public:
    void receive(const LoopBatch& batch) override {
        LoopWorld::receive(batch);
        for (const auto& step : batch.steps) {
            const auto* delivery = std::get_if<Delivery>(&step);
            std::vector<ConnectionId> held;
            if (delivery) rooms.deliver(*delivery, net.endpoint, held);
        }
    }
    Client& dashboard(bool presence) {
        Client& client = connect();
        rooms.watchDashboard(client.presence().subscriber, true, presence);
        return client;
    }
    /// A participant types, over no connection.
    void types(std::string_view conversation, bool isTyping = true) {
        Command typing = isTyping ? Command(StartTyping{room(conversation), user("speaker"), "Sp"})
                                  : Command(StopTyping{room(conversation), user("speaker")});
        REQUIRE(engine->submit({{}, std::move(typing)}).ok());
        turn();
    }
    /// The bodies of `typing_changed` that the client was sent since the last call, `later`.
    std::vector<std::string> told(const Client& client, milliseconds later = milliseconds(0)) {
        loop.pass(later);
        loop.run();
        std::vector<std::string> bodies;
        constexpr std::string_view head = R"(42["typing_changed",)";
        for (const auto& frame : heard(client)) {
            if (!frame.starts_with(head)) continue;
            bodies.push_back(frame.substr(head.size(), frame.size() - head.size() - 1));
        }
        return bodies;
    }

    PresenceTeller teller{engine->presence(), shared.typing, publisher, loop};
};

const std::string kNobody = R"({"conversations":[{"conversationId":"c","users":[],"count":0}]})";
const std::string kSpeaker =
    R"({"conversations":[{"conversationId":"c","users":[{"userId":"speaker","userName":"Sp"}],)"
    R"("count":1}]})";

}  // namespace

TEST_CASE("a dashboard that asks for presence is told at once who types, and others are not") {
    World world;
    world.say("c", "hello");
    Client& asks = world.dashboard(true);
    Client& plain = world.dashboard(false);
    world.types("c");
    CHECK(world.told(asks) == std::vector{kSpeaker});
    CHECK(world.told(plain).empty());
}

TEST_CASE("dashboards are told of typing once a second at most, as it is by then") {
    World world;
    world.say("c", "hello");
    Client& asks = world.dashboard(true);
    world.types("c");
    world.told(asks);
    for (int i = 0; i < 20; ++i) world.types("c", i % 2 == 1);
    world.types("c", false);
    CHECK(world.told(asks, milliseconds(999)).empty());
    CHECK(world.told(asks, milliseconds(1)) == std::vector{kNobody});
}

TEST_CASE("typing that times out is told as ended") {
    World world;
    world.say("c", "hello");
    Client& asks = world.dashboard(true);
    world.types("c");
    CHECK(world.told(asks) == std::vector{kSpeaker});
    world.clock.advance(std::chrono::hours(1));
    world.engine->step();
    world.loop.run();
    CHECK(world.told(asks, milliseconds(1000)) == std::vector{kNobody});
}

TEST_CASE("without a dashboard that asks, typing sets no timer") {
    World world;
    world.say("c", "hello");
    world.dashboard(false);
    const auto timers = world.loop.timers();
    world.types("c");
    CHECK(world.loop.timers() == timers);
}

TEST_CASE("a new dashboard is told who types already; where nobody does, of nothing") {
    World world;
    CHECK(typingNow(world.shared.typing) == nullptr);
    world.say("c", "hello");
    world.types("c");
    world.dashboard(true);
    const auto frame = typingNow(world.shared.typing);
    REQUIRE(frame);
    CHECK(frame->payload() == "42[\"typing_changed\"," + kSpeaker + "]");
    CHECK_FALSE(frame->droppable());
}
