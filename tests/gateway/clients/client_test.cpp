#include "gateway/clients/client.h"

#include "engineio/world.h"
#include "gateway/history/client_reads.h"
#include "gateway/recovery/catch_up.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace parley;
using engineio::test::Packets;

namespace {

/// A client over a network that records. Let in when it asks, unless `letsIn` is off.
class World final : public ClientEvents {
public:
    World() : socket(net.openWebSocket()) {}

    void onConnect(Client& asking, const Json& auth) override {
        connects.push_back(auth.is_null() ? "" : auth.dump());
        if (letsIn) asking.accept("sid", {});
    }
    void onRequest(Client&, socketio::Packet packet) override {
        requests.push_back(packet.data.dump());
    }
    void onLeave(Client& leaving) override {
        ++left;
        leaving.forgetPresence();
    }
    bool say(std::string_view packet) { return client.receive(/*binary=*/false, packet); }
    Packets heard() { return net.heard(socket); }

    engineio::test::World net;
    engineio::SocketNumber socket;
    ClientHost host{*this, net.endpoint};
    Client client{host, net.application.opened.back(), {}};
    bool letsIn = true;
    std::vector<std::string> connects;
    std::vector<std::string> requests;
    int left = 0;
};

Gap gapOfOneRoom() {
    Gap gap;
    gap.rooms.push_back({ConversationKey{1}, Viewer::of(UserKey{1}, UserRole::agent), Position{1}});
    gap.upTo = Position{9};
    return gap;
}

}  // namespace

TEST_CASE("a client is connected once it is let in, and is told its ids") {
    World world;
    world.letsIn = false;
    CHECK(world.say("0"));
    CHECK_FALSE(world.client.connected());
    world.client.accept("abc", "2.secret");
    CHECK(world.client.connected());
    CHECK(world.heard() == Packets{R"(40{"sid":"abc","pid":"2.secret"})"});
    CHECK(world.say(R"(2["hello",1])"));
    CHECK(world.requests == std::vector<std::string>{R"(["hello",1])"});
}

TEST_CASE("a usual request is read at once, but only of a client that is connected") {
    World world;
    const std::string request = R"(2["typing_stop",{"conversationId":"c","userId":"u"}])";
    CHECK_FALSE(world.client.quickRequest(false, request));
    CHECK(world.say("0"));
    CHECK(world.client.quickRequest(false, request));
    CHECK_FALSE(world.client.quickRequest(true, request));
}

TEST_CASE("a CONNECT waits for the calls that were under way when the client left") {
    World world;
    CHECK(world.say("0"));
    world.client.callBegun();
    world.client.callBegun();
    CHECK(world.say("1"));
    CHECK(world.left == 1);
    CHECK(world.say(R"(0{"token":"t"})"));
    world.client.callEnded();
    CHECK(world.connects == std::vector<std::string>{""});
    CHECK_FALSE(world.client.connected());
    world.client.callEnded();
    CHECK(world.connects == std::vector<std::string>{"", R"({"token":"t"})"});
    CHECK(world.client.connected());
}

TEST_CASE("a client that leaves takes nothing of itself into its next CONNECT") {
    World world;
    CHECK(world.say("0"));
    std::atomic<std::int64_t> waiting{0};
    Presence& presence = world.client.presence();
    presence.subscriber.takeCursors();
    presence.resuming = std::make_unique<ResumeAttempt>();
    presence.catchUp = std::make_unique<CatchUp>(1, gapOfOneRoom());
    presence.reads = std::make_unique<ClientReads>(1, waiting);
    presence.nextConnect = std::make_unique<Json>();
    CHECK(world.say("1"));
    CHECK_FALSE(presence.resuming);
    CHECK_FALSE(presence.catchUp);
    CHECK_FALSE(presence.reads);
    CHECK_FALSE(presence.nextConnect);
    CHECK_FALSE(world.client.takesAnswers());
    CHECK(world.client.connection() == world.net.application.opened.back());
}

TEST_CASE("live frames wait while a client catches up, and too many of them close it") {
    World world;
    CHECK(world.say("0"));
    world.heard();
    auto& catchUp = world.client.presence().catchUp;
    catchUp = std::make_unique<CatchUp>(1, gapOfOneRoom());
    const auto frame = engineio::test::text(R"(2["live",1])");
    for (std::size_t i = 0; i < limits::kReplayHeldFramesMax; ++i) world.client.send(frame);
    CHECK(world.heard().empty());
    CHECK(catchUp->held.size() == limits::kReplayHeldFramesMax);
    CHECK_FALSE(world.net.closeReason());
    world.client.send(frame);
    CHECK(world.net.closeReason() == engineio::CloseReason::slowClient);
    catchUp.reset();
}
