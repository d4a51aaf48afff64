#include "engineio/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;
using namespace std::chrono_literals;

namespace {

Options quick() {
    Options options;
    options.pingInterval = 300ms;
    options.pingTimeout = 200ms;
    return options;
}

}  // namespace

TEST_CASE("a ping goes out exactly pingInterval after the handshake and after each pong") {
    World world(quick());
    const SocketNumber socket = world.openWebSocket();
    for (int round = 0; round < 3; ++round) {
        CAPTURE(round);
        world.pass(299ms);
        CHECK(world.heard(socket).empty());
        CHECK(world.endpoint.nextDeadline() == world.clock.monotonic() + 1ms);
        world.pass(1ms);
        CHECK(world.heard(socket) == Packets{"2"});
        world.pass(150ms);
        CHECK(world.heard(socket).empty());
        world.say(socket, "3");
        CHECK(world.endpoint.nextDeadline() == world.clock.monotonic() + 300ms);
    }
}

TEST_CASE("a session without a pong ends after pingInterval and pingTimeout") {
    World world(quick());
    const SocketNumber socket = world.openWebSocket();
    world.pass(300ms);
    world.pass(199ms);
    CHECK(world.application.closed.empty());
    world.pass(1ms);
    CHECK(world.closeReason() == CloseReason::pingTimeout);
    CHECK(world.closeCode(socket) == 1008);
    CHECK(world.endpoint.sessionCount() == 0);
    CHECK_FALSE(world.endpoint.nextDeadline());
}

TEST_CASE("a ping that left a little late does not delay the timeout") {
    World world(quick());
    world.openWebSocket();
    world.pass(340ms);
    world.pass(159ms);
    CHECK(world.application.closed.empty());
    world.pass(1ms);
    CHECK(world.closeReason() == CloseReason::pingTimeout);
}

TEST_CASE("after the server was held up, clients get the full time for their pongs") {
    World world(quick());
    const SocketNumber first = world.openWebSocket();
    world.pass(10ms);
    const SocketNumber second = world.openWebSocket();
    world.pass(5'000ms);
    CHECK(world.heard(first) == Packets{"2"});
    CHECK(world.heard(second) == Packets{"2"});
    world.pass(199ms);
    CHECK(world.application.closed.empty());
    world.say(first, "3");
    world.pass(1ms);
    CHECK(world.application.closed.size() == 1);
    CHECK_FALSE(world.closeCode(first));
}

TEST_CASE("a client that does not poll gains no time when the server was held up") {
    World world(quick());
    const SocketNumber waits = world.openWebSocket();
    const std::string away = world.openPolling();
    const std::string polls = world.openPolling();
    world.poll(polls);
    world.pass(450ms);  // the pings were due at 300 ms
    world.pass(49ms);
    CHECK(world.application.closed.empty());
    world.pass(1ms);
    CHECK(world.application.closed.size() == 1);
    CHECK(world.pollNow(away).status == 400);
    world.pass(149ms);
    CHECK(world.application.closed.size() == 1);
    world.pass(1ms);
    CHECK(world.application.closed.size() == 3);
    CHECK(world.closeCode(waits));
}

TEST_CASE("a polling session is pinged through its polls") {
    World world(quick());
    const std::string sid = world.openPolling();
    for (int round = 0; round < 3; ++round) {
        const RequestNumber poll = world.poll(sid);
        world.pass(299ms);
        CHECK_FALSE(world.answer(poll));
        world.pass(1ms);
        REQUIRE(world.answer(poll));
        CHECK(world.answer(poll)->body == "2");
        CHECK(world.post(sid, "3").body == "ok");
    }
    CHECK(world.application.closed.empty());
}

TEST_CASE("a polling session without a pong is unknown afterwards") {
    World world(quick());
    const std::string sid = world.openPolling();
    world.pass(300ms);
    world.pass(200ms);
    CHECK(world.pollNow(sid).body == R"({"code":1,"message":"Session ID unknown"})");
    CHECK(world.closeReason() == CloseReason::pingTimeout);
}

TEST_CASE("a poll after the timeout finds the session gone although no tick ran") {
    World world(quick());
    const std::string sid = world.openPolling();
    world.pass(300ms);
    world.clock.advance(200ms);
    CHECK(world.pollNow(sid).status == 400);
    CHECK(world.closeReason() == CloseReason::pingTimeout);
    world.pass(0ms);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("a pong that was read late counts as long as no tick ran") {
    World world(quick());
    const std::string sid = world.openPolling();
    world.pass(300ms);
    world.clock.advance(200ms);
    CHECK(world.post(sid, "3").body == "ok");
    world.pass(0ms);
    CHECK(world.application.closed.empty());
}

TEST_CASE("a parked poll of a session that times out gets a noop, so that its client reconnects") {
    World world(quick());
    const std::string sid = world.openPolling();
    world.pass(300ms);
    CHECK(world.pollNow(sid).body == "2");
    const RequestNumber poll = world.poll(sid);
    world.pass(200ms);
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body == "6");
    CHECK(world.pollNow(sid).status == 400);
}

TEST_CASE("heartbeats continue across an upgrade") {
    World world(quick());
    const std::string sid = world.openPolling();
    world.pass(300ms);
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "2probe");
    world.say(socket, "5");
    CHECK(world.heard(socket) == Packets{"3probe", "2"});
    world.pass(199ms);
    world.say(socket, "3");
    world.pass(300ms);
    CHECK(world.heard(socket) == Packets{"2"});
    world.pass(200ms);
    CHECK(world.closeReason() == CloseReason::pingTimeout);
}

TEST_CASE("each of many sessions has its own ping times") {
    World world(quick());
    std::vector<SocketNumber> sockets;
    for (int i = 0; i < 100; ++i) {
        sockets.push_back(world.openWebSocket());
        world.pass(1ms);
    }
    world.pass(200ms);
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        for (const SocketNumber socket : sockets) {
            const bool due = socket == sockets[i];
            CHECK(world.heard(socket) == (due ? Packets{"2"} : Packets{}));
        }
        if (i % 2 == 0) world.say(sockets[i], "3");
        if (i + 1 < sockets.size()) world.pass(1ms);
    }
    world.pass(200ms);
    CHECK(world.application.closed.size() == 50);
    CHECK(world.endpoint.sessionCount() == 50);
}

TEST_CASE("the time from each ping to its pong is counted, on both transports") {
    World world(quick());
    const SocketNumber socket = world.openWebSocket();
    world.pass(300ms);
    world.say(socket, "3");  // at once
    world.say(socket, "3");  // nobody asked for it
    world.pass(300ms);
    world.pass(150ms);
    world.say(socket, "3");
    CHECK(world.endpoint.pingRoundTrips().values().count() == 2);
    CHECK(world.endpoint.pingRoundTrips().values().sum == 150'000);
    const auto sid = world.openPolling();
    world.pass(300ms);
    world.say(socket, "3");
    world.pollNow(sid);
    world.pass(20ms);
    world.post(sid, "3");
    CHECK(world.endpoint.pingRoundTrips().values().count() == 4);
    CHECK(world.endpoint.pingRoundTrips().values().sum == 170'000);
}

TEST_CASE("messages and sessions are counted by the transport in use") {
    World world;
    world.application.echo = true;
    const auto sid = world.openPolling();
    const SocketNumber direct = world.openWebSocket();
    CHECK(world.endpoint.counters().pollingOpen == 1);
    world.post(sid, "4one");
    world.say(direct, "4two");
    world.endpoint.onWebSocketMessage(direct, true, "three");
    using Two = std::array<std::uint64_t, kTransportKindCount>;
    CHECK(world.endpoint.counters().received == Two{1, 2});
    CHECK(world.endpoint.counters().sent == Two{1, 2});

    const SocketNumber probe = world.webSocket(sid);
    world.say(probe, "2probe");
    world.say(probe, "5");
    CHECK(world.endpoint.counters().pollingOpen == 0);
    CHECK(world.endpoint.sessionCount() == 2);
    world.say(probe, "4four");
    CHECK(world.endpoint.counters().received == Two{1, 3});

    for (const char* body : {"1", "4", "nonsense"}) {  // ends by the client, goes on, ends
        const auto other = world.openPolling();
        world.post(other, body);
    }
    CHECK(world.endpoint.counters().pollingOpen == 1);
    world.endpoint.closeAll();
    CHECK(world.endpoint.counters().pollingOpen == 0);
}
