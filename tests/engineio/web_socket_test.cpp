#include "engineio/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;
using namespace std::chrono_literals;

TEST_CASE("text and binary messages are echoed over WebSocket") {
    World world;
    const SocketNumber socket = world.openWebSocket();
    world.say(socket, "4hello");
    world.endpoint.onWebSocketMessage(socket, true, "\x01\x02\x03\x04");
    world.say(socket, "bAQIDBA==");
    CHECK(world.heard(socket) ==
          Packets{"4hello", "<binary>\x01\x02\x03\x04", "<binary>\x01\x02\x03\x04"});
}

TEST_CASE("each way a WebSocket session can end has its close code and reason") {
    struct Row {
        const char* packet;
        std::uint16_t code;
        CloseReason reason;
    };
    const Row rows[] = {
        {"abc", 1002, CloseReason::parseError},
        {"", 1002, CloseReason::parseError},
        {"b?", 1002, CloseReason::parseError},
        {"2", 1002, CloseReason::transportError},
        {"2probe", 1002, CloseReason::transportError},
        {"1", 1000, CloseReason::transportClose},
        {"412345678", 1009, CloseReason::transportError},
    };
    for (const Row& row : rows) {
        CAPTURE(row.packet);
        Options options;
        options.maxPayloadBytes = 8;
        World world(options);
        const SocketNumber socket = world.openWebSocket();
        world.say(socket, "41234567");
        world.say(socket, row.packet);
        CHECK(world.closeCode(socket) == row.code);
        CHECK(world.closeReason() == row.reason);
        CHECK(world.endpoint.sessionCount() == 0);
        world.say(socket, "4late");
        world.endpoint.onWebSocketClosed(socket, CloseReason::transportClose);
        CHECK(world.application.messages == Packets{"1234567"});
        CHECK(world.application.closed.size() == 1);
    }
}

TEST_CASE("writeFirst reaches the socket of a WebSocket session, and does nothing for others") {
    World world;
    const SocketNumber socket = world.openWebSocket();
    world.openPolling();
    REQUIRE(world.application.opened.size() == 2);
    for (const ConnectionId session : world.application.opened) world.endpoint.writeFirst(session);
    CHECK(world.wire.first == std::vector{socket});
    world.endpoint.close(world.application.opened[0]);
    world.endpoint.writeFirst(world.application.opened[0]);
    CHECK(world.wire.first.size() == 1);
}

TEST_CASE("packets without a meaning on WebSocket are ignored") {
    World world;
    const SocketNumber socket = world.openWebSocket();
    for (const char* packet : {"0", "5", "6", "3"}) world.say(socket, packet);
    world.say(socket, "4hello");
    CHECK(world.heard(socket) == Packets{"4hello"});
}

TEST_CASE("a socket that goes away ends its session with the reason the network gives") {
    World world;
    const SocketNumber gone = world.openWebSocket();
    const SocketNumber broken = world.openWebSocket();
    const SocketNumber slow = world.openWebSocket();
    world.endpoint.onWebSocketClosed(gone, CloseReason::transportClose);
    CHECK(world.closeReason() == CloseReason::transportClose);
    world.endpoint.onWebSocketClosed(broken, CloseReason::transportError);
    CHECK(world.closeReason() == CloseReason::transportError);
    world.endpoint.onWebSocketClosed(slow, CloseReason::slowClient);
    CHECK(world.closeReason() == CloseReason::slowClient);
    for (const SocketNumber socket : {gone, broken, slow}) CHECK_FALSE(world.closeCode(socket));
    for (const ConnectionId session : world.application.opened) {
        world.endpoint.send(session, textFrame("4x"));
        world.endpoint.close(session);
    }
    for (const SocketNumber socket : {gone, broken, slow}) CHECK(world.heard(socket).empty());
    CHECK(world.application.closed.size() == 3);
}

TEST_CASE("closing a WebSocket session closes its socket after the sent frames") {
    World world;
    const SocketNumber socket = world.openWebSocket();
    const ConnectionId session = world.application.opened[0];
    world.endpoint.send(session, textFrame("4bye"));
    world.endpoint.close(session);
    world.endpoint.send(session, textFrame("4late"));
    CHECK(world.heard(socket) == Packets{"4bye"});
    CHECK(world.closeCode(socket) == 1000);
    CHECK(world.closeReason() == CloseReason::forcedClose);
}

TEST_CASE("a session moves from polling to WebSocket") {
    World world;
    const std::string sid = world.openPolling();
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "2probe");
    CHECK(world.heard(socket) == Packets{"3probe"});
    const Answer polled = world.pollNow(sid);
    CHECK(polled.status == 200);
    CHECK(polled.body == "6");
    world.say(socket, "5");
    world.say(socket, "4hello");
    CHECK(world.heard(socket) == Packets{"4hello"});
    CHECK(world.endpoint.transportOf(world.application.opened[0]) == TransportKind::webSocket);
    CHECK(world.application.opened.size() == 1);
    CHECK(world.application.closed.empty());
}

TEST_CASE("a parked poll gets a noop as soon as the probe comes") {
    World world;
    const std::string sid = world.openPolling();
    const RequestNumber poll = world.poll(sid);
    const SocketNumber socket = world.webSocket(sid);
    CHECK_FALSE(world.answer(poll));
    world.say(socket, "2probe");
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body == "6");
}

TEST_CASE("messages around an upgrade keep their order in both directions") {
    World world;
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "2probe");
    world.post(sid, "4one");
    world.endpoint.send(session, textFrame("4a"));
    CHECK(world.pollNow(sid).body ==
          "4one\x1e"
          "4a");
    world.post(sid, "4two");
    world.endpoint.send(session, textFrame("4b"));
    CHECK(world.heard(socket) == Packets{"3probe"});
    world.say(socket, "5");
    world.endpoint.send(session, textFrame("4c"));
    world.say(socket, "4three");
    CHECK(world.heard(socket) == Packets{"4two", "4b", "4c", "4three"});
    CHECK(world.application.messages == Packets{"one", "two", "three"});
}

TEST_CASE("after an upgrade requests for the session are refused and further WebSockets closed") {
    World world;
    const std::string sid = world.openPolling();
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "2probe");
    world.say(socket, "5");
    world.heard(socket);
    CHECK(world.pollNow(sid).body == R"({"code":3,"message":"Bad request"})");
    CHECK(world.post(sid, "4x").status == 400);
    const SocketNumber second = world.webSocket(sid);
    CHECK(world.closeCode(second) == 1008);
    CHECK(world.heard(second).empty());
    world.endpoint.onWebSocketClosed(second, CloseReason::transportClose);
    world.say(socket, "4hello");
    CHECK(world.heard(socket) == Packets{"4hello"});
    CHECK(world.application.messages == Packets{"hello"});
}

TEST_CASE("a poll that overtakes the upgrade packet is refused as one that comes after it") {
    World world;
    const std::string sid = world.openPolling();
    const SocketNumber socket = world.webSocket(sid);
    const RequestNumber poll = world.poll(sid);
    world.say(socket, "5");
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->status == 400);
    world.say(socket, "4hello");
    CHECK(world.heard(socket) == Packets{"4hello"});
    world.endpoint.onRequestAborted(poll);
    CHECK(world.application.closed.empty());
}

TEST_CASE("a second WebSocket does not disturb the upgrade of the first") {
    World world;
    const std::string sid = world.openPolling();
    const SocketNumber first = world.webSocket(sid);
    const SocketNumber second = world.webSocket(sid);
    CHECK(world.closeCode(second) == 1008);
    world.say(second, "5");
    CHECK(world.endpoint.transportOf(world.application.opened[0]) == TransportKind::polling);
    world.say(first, "5");
    CHECK(world.endpoint.transportOf(world.application.opened[0]) == TransportKind::webSocket);
}

TEST_CASE("a WebSocket is closed if its session ends before it opens") {
    World world;
    const std::string sid = world.openPolling();
    const Query query{"4", "websocket", sid};
    REQUIRE_FALSE(world.endpoint.checkWebSocket(query));
    world.post(sid, "abc");
    world.endpoint.onWebSocketOpen(77, query);
    CHECK(world.closeCode(77) == 1008);
}

TEST_CASE("a probe that fails leaves the session on polling, and another may try") {
    for (const std::string failure : {"4hello", "2", "3probe", "gone", "timeout"}) {
        CAPTURE(failure);
        World world;
        const std::string sid = world.openPolling();
        const SocketNumber socket = world.webSocket(sid);
        world.say(socket, "2probe");
        if (failure == "gone") {
            world.endpoint.onWebSocketClosed(socket, CloseReason::transportClose);
            CHECK_FALSE(world.closeCode(socket));
        } else if (failure == "timeout") {
            world.pass(9'999ms);
            CHECK_FALSE(world.closeCode(socket));
            world.pass(1ms);
            CHECK(world.closeCode(socket) == 1000);
        } else {
            world.say(socket, failure);
            CHECK(world.closeCode(socket) == 1002);
        }
        CHECK(world.application.messages.empty());
        CHECK(world.application.closed.empty());
        const RequestNumber poll = world.poll(sid);
        CHECK_FALSE(world.answer(poll));
        const SocketNumber second = world.webSocket(sid);
        world.say(second, "2probe");
        CHECK(world.heard(second) == Packets{"3probe"});
    }
}

TEST_CASE("a completed upgrade does not time out") {
    World world;
    const std::string sid = world.openPolling();
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "5");
    world.pass(10'000ms);
    CHECK_FALSE(world.closeCode(socket));
}

TEST_CASE("a session that ends while it upgrades closes its probe") {
    World world;
    const std::string sid = world.openPolling();
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "2probe");
    CHECK(world.post(sid, "abc").status == 400);
    CHECK(world.closeCode(socket) == 1000);
    world.say(socket, "5");
    CHECK(world.endpoint.sessionCount() == 0);
}

TEST_CASE("a session closed between probe and upgrade delivers its queue over the WebSocket") {
    World world;
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "2probe");
    world.endpoint.send(session, textFrame("4last words"));
    world.endpoint.close(session);
    CHECK_FALSE(world.closeCode(socket));
    world.say(socket, "5");
    CHECK(world.heard(socket) == Packets{"3probe", "4last words"});
    CHECK(world.closeCode(socket) == 1000);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("a session with a long queue delivers all of it over the WebSocket after an upgrade") {
    Options options;
    options.queueBytesMax = 100;
    World world(options);
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    const SocketNumber socket = world.webSocket(sid);
    world.say(socket, "2probe");
    world.endpoint.send(session, text(std::string(100, 'x')));
    world.say(socket, "5");
    CHECK(world.application.closed.empty());
    CHECK(world.heard(socket) == Packets{"3probe", "4" + std::string(100, 'x')});
}
