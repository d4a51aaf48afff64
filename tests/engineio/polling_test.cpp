#include "engineio/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;
using namespace std::chrono_literals;

TEST_CASE("a POST gets ok, and its message comes back with the next poll") {
    struct Row {
        std::string body;
        std::string polled;
        Packets messages;
    };
    const Row rows[] = {
        {"4hello", "4hello", {"hello"}},
        {"4", "4", {""}},
        {"4test1\x1e"
         "4test2\x1e"
         "4test3",
         "4test1\x1e"
         "4test2\x1e"
         "4test3",
         {"test1", "test2", "test3"}},
        {"4hello\x1e"
         "bAQIDBA==",
         "4hello\x1e"
         "bAQIDBA==",
         {"hello", "<binary>\x01\x02\x03\x04"}},
        {"b", "b", {"<binary>"}},
        {"4\xe2\x82\xac", "4\xe2\x82\xac", {"\xe2\x82\xac"}},
        {"0\x1e"
         "5\x1e"
         "6\x1e"
         "4x",
         "4x",
         {"x"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.body);
        World world;
        const std::string sid = world.openPolling();
        const Answer posted = world.post(sid, row.body);
        CHECK(posted.status == 200);
        CHECK(posted.contentType == "text/html");
        CHECK(posted.body == "ok");
        CHECK(world.application.messages == row.messages);
        const Answer polled = world.pollNow(sid);
        CHECK(polled.status == 200);
        CHECK(polled.contentType == "text/plain; charset=UTF-8");
        CHECK(polled.body == row.polled);
    }
}

TEST_CASE("a poll is parked until there is something to send") {
    World world;
    const std::string sid = world.openPolling();
    const RequestNumber poll = world.poll(sid);
    CHECK_FALSE(world.answer(poll));
    world.endpoint.send(world.application.opened[0], textFrame("4late"));
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body == "4late");
    CHECK_FALSE(world.answer(world.poll(sid)));
}

TEST_CASE("the answers to the packets of one body fill one poll") {
    World world;
    const std::string sid = world.openPolling();
    const RequestNumber poll = world.poll(sid);
    world.post(sid,
               "4a\x1e"
               "4b\x1e"
               "4c");
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body ==
          "4a\x1e"
          "4b\x1e"
          "4c");
}

TEST_CASE("bodies that are not Engine.IO end the session") {
    struct Row {
        std::string body;
        CloseReason reason;
    };
    const Row rows[] = {
        {"abc", CloseReason::parseError},        {"", CloseReason::parseError},
        {"7", CloseReason::parseError},          {"4ok\x1e", CloseReason::parseError},
        {"bAQI", CloseReason::parseError},       {"bAQ", CloseReason::parseError},
        {"bAQ=I", CloseReason::parseError},      {"bA===", CloseReason::parseError},
        {"b====", CloseReason::parseError},      {"bA Q=", CloseReason::parseError},
        {"4\xc3\x28", CloseReason::parseError},  {"2", CloseReason::transportError},
        {"2probe", CloseReason::transportError},
    };
    for (const Row& row : rows) {
        CAPTURE(row.body);
        World world;
        const std::string sid = world.openPolling();
        const Answer posted = world.post(sid, row.body);
        CHECK(posted.status == 400);
        CHECK(world.closeReason() == row.reason);
        CHECK(world.pollNow(sid).status == 400);
        CHECK(world.endpoint.sessionCount() == 0);
    }
}

TEST_CASE("packets before a bad one are delivered, those after it are not") {
    World world;
    const std::string sid = world.openPolling();
    const RequestNumber poll = world.poll(sid);
    world.post(sid,
               "4a\x1e"
               "x\x1e"
               "4b");
    CHECK(world.application.messages == Packets{"a"});
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body ==
          "4a\x1e"
          "1");
}

TEST_CASE("a second poll at the same time ends the session") {
    World world;
    const std::string sid = world.openPolling();
    const RequestNumber first = world.poll(sid);
    const RequestNumber second = world.poll(sid);
    REQUIRE(world.answer(first));
    CHECK(world.answer(first)->status == 200);
    CHECK(world.answer(first)->body == "1");
    CHECK(world.answer(second)->status == 400);
    CHECK(world.pollNow(sid).status == 400);
    CHECK(world.closeReason() == CloseReason::transportError);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("two POSTs at once end the session, one after the other do not") {
    World world;
    const std::string sid = world.openPolling();
    for (const char* packet : {"4a", "4b"}) {
        world.endpoint.onPostBegins(sid);
        world.endpoint.onPostEnds(sid);
        CHECK(world.post(sid, packet).status == 200);
    }
    SECTION("the second is whole at once") {
        world.endpoint.onPostBegins(sid);
        CHECK(world.post(sid, "4c").status == 400);
    }
    SECTION("both arrive slowly") {
        world.endpoint.onPostBegins(sid);
        world.endpoint.onPostBegins(sid);
    }
    CHECK(world.closeReason() == CloseReason::transportError);
    world.endpoint.onPostEnds(sid);
    CHECK(world.post(sid, "4d").status == 400);
    CHECK(world.application.messages == Packets{"a", "b"});
}

TEST_CASE("a poll that its client gives up ends the session") {
    World world;
    const std::string sid = world.openPolling();
    const RequestNumber poll = world.poll(sid);
    world.endpoint.onRequestAborted(poll);
    CHECK(world.closeReason() == CloseReason::transportClose);
    CHECK_FALSE(world.answer(poll));
    CHECK(world.pollNow(sid).status == 400);
    world.endpoint.onRequestAborted(poll);
    world.endpoint.onRequestAborted(4711);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("a client's close packet ends its poll with a noop") {
    World world;
    const std::string sid = world.openPolling();
    const RequestNumber poll = world.poll(sid);
    CHECK(world.post(sid, "1").body == "ok");
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->status == 200);
    CHECK(world.answer(poll)->body == "6");
    CHECK(world.pollNow(sid).status == 400);
    CHECK(world.closeReason() == CloseReason::transportClose);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("a poll that arrives just after the close packet gets its noop too, once") {
    World world;
    const std::string sid = world.openPolling();
    world.endpoint.send(world.application.opened[0], textFrame("4unread"));
    CHECK(world.post(sid, "1").body == "ok");
    CHECK(world.closeReason() == CloseReason::transportClose);
    CHECK(world.endpoint.sessionCount() == 0);
    CHECK(world.post(sid, "4more").body == "ok");
    CHECK(world.application.messages.empty());
    CHECK(world.pollNow(sid).body == "6");
    CHECK(world.pollNow(sid).status == 400);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("closing a session ends the parked poll with a close packet") {
    World world;
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    const RequestNumber poll = world.poll(sid);
    world.endpoint.close(session);
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body == "1");
    CHECK(world.closeReason() == CloseReason::forcedClose);
    CHECK_FALSE(world.endpoint.has(session));
    CHECK(world.pollNow(sid).status == 400);
}

TEST_CASE("closing a session without a waiting poll delivers its queue with the next poll") {
    World world;
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    world.endpoint.send(session, textFrame("4last words"));
    world.endpoint.close(session);
    CHECK(world.closeReason() == CloseReason::forcedClose);
    CHECK_FALSE(world.endpoint.has(session));
    CHECK(world.endpoint.sessionCount() == 0);
    world.endpoint.send(session, textFrame("4too late"));
    CHECK(world.post(sid, "4ignored").body == "ok");
    CHECK(world.application.messages.empty());
    CHECK(world.pollNow(sid).body ==
          "4last words\x1e"
          "1");
    CHECK(world.pollNow(sid).status == 400);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("a client that should come back gets no close packet, after which some stay away") {
    World world;
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    world.endpoint.send(session, textFrame("4last words"));
    world.endpoint.close(session, CloseReason::comeBack);
    CHECK(world.closeReason() == CloseReason::comeBack);
    CHECK_FALSE(world.endpoint.has(session));
    CHECK(world.pollNow(sid).body ==
          "4last words\x1e"
          "6");
    CHECK(world.pollNow(sid).status == 400);

    const std::string waits = world.openPolling();
    const RequestNumber poll = world.poll(waits);
    world.endpoint.close(world.application.opened[1], CloseReason::comeBack);
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body == "6");
    CHECK(world.pollNow(waits).status == 400);
}

TEST_CASE("a closed session without further polls is forgotten after 30 seconds") {
    Options options;
    options.sessionsMax = 1;
    World world(options);
    const std::string sid = world.openPolling();
    world.endpoint.close(world.application.opened[0]);
    world.pass(29'999ms);
    CHECK(world.ask("GET", "EIO=4&transport=polling").status == 503);
    world.pass(1ms);
    CHECK(world.ask("GET", "EIO=4&transport=polling").status == 200);
    CHECK(world.pollNow(sid).status == 400);
    CHECK(world.application.closed.size() == 1);
}

TEST_CASE("an application may close a session from within its message") {
    World world;
    world.application.closeOn = "bye";
    const std::string sid = world.openPolling();
    const RequestNumber poll = world.poll(sid);
    CHECK(world
              .post(sid,
                    "4a\x1e"
                    "4bye\x1e"
                    "4b")
              .body == "ok");
    CHECK(world.application.messages == Packets{"a", "bye"});
    REQUIRE(world.answer(poll));
    CHECK(world.answer(poll)->body ==
          "4a\x1e"
          "1");
    CHECK(world.closeReason() == CloseReason::forcedClose);
}

TEST_CASE("a body beyond maxPayload is refused with 413 and not read") {
    Options options;
    options.maxPayloadBytes = 10;
    World world(options);
    const std::string sid = world.openPolling();
    CHECK(world.post(sid, "4123456789").status == 200);
    CHECK(world.post(sid, "41234567890").status == 413);
    CHECK(world.application.messages == Packets{"123456789"});
    CHECK(world.endpoint.sessionCount() == 1);
}

TEST_CASE("a response holds as many packets as maxPayload allows, and at least one") {
    Options options;
    options.maxPayloadBytes = 10;
    World world(options);
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    for (const char* packet : {"4aaa", "4bbbb", "4c", "4dddddddddddddddd", "4e"}) {
        world.endpoint.send(session, textFrame(packet));
    }
    world.endpoint.send(session, binaryFrame("123456"));
    CHECK(world.pollNow(sid).body ==
          "4aaa\x1e"
          "4bbbb");
    CHECK(world.pollNow(sid).body == "4c");
    CHECK(world.pollNow(sid).body == "4dddddddddddddddd");
    CHECK(world.pollNow(sid).body == "4e");
    CHECK(world.pollNow(sid).body == "bMTIzNDU2");
    CHECK_FALSE(world.answer(world.poll(sid)));
}

TEST_CASE("a close waits until all portions of the queue are taken") {
    Options options;
    options.maxPayloadBytes = 4;
    World world(options);
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    world.endpoint.send(session, textFrame("4aaa"));
    world.endpoint.send(session, textFrame("4bbb"));
    world.endpoint.close(session);
    CHECK(world.pollNow(sid).body == "4aaa");
    CHECK(world.pollNow(sid).body ==
          "4bbb\x1e"
          "1");
    CHECK(world.pollNow(sid).status == 400);
}

TEST_CASE("a client that takes nothing is ended as slow, at a tick") {
    Options options;
    options.queueBytesMax = 1000;
    options.stalled = std::chrono::milliseconds(100);
    World world(options);
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    for (int i = 0; i < 10; ++i) world.endpoint.send(session, text(std::string(299, 'x')));
    CHECK(world.application.closed.empty());  // send never calls the application
    CHECK(world.endpoint.nextDeadline() == world.clock.monotonic() + options.stalled);
    world.pass(99ms);
    CHECK(world.application.closed.empty());
    world.pass(1ms);
    CHECK(world.closeReason() == CloseReason::slowClient);
    CHECK(world.pollNow(sid).status == 400);
}

TEST_CASE("a pong does not save a client that is too slow") {
    Options options;
    options.stalled = std::chrono::milliseconds(100);
    World world(options);
    const std::string sid = world.openPolling();
    world.endpoint.send(world.application.opened[0], text(std::string(100, 'x')));
    world.pass(50ms);
    world.post(sid, "3");
    world.pass(50ms);
    CHECK(world.closeReason() == CloseReason::slowClient);
}

TEST_CASE("a single frame is always queued, however large, and does not make its client slow") {
    Options options;
    options.queueBytesMax = 100;
    World world(options);
    const std::string sid = world.openPolling();
    for (int i = 0; i < 3; ++i) {
        const std::string large(1000, static_cast<char>('a' + i));
        world.endpoint.send(world.application.opened[0], text(large));
        world.pass(0ms);
        CHECK(world.pollNow(sid).body == "4" + large);
    }
    CHECK(world.application.closed.empty());
}

TEST_CASE("droppable frames make room for those that must arrive") {
    Options options;
    options.queueBytesMax = 1000;
    World world(options);
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    const auto typing = [] {
        FrameBuilder builder;
        builder.out() += "4typing";
        return builder.finish(/*droppable=*/true);
    };
    for (int i = 0; i < 100; ++i) world.endpoint.send(session, typing());
    CHECK(world.endpoint.has(session));
    std::string durable(400, 'x');
    durable[0] = '4';
    world.endpoint.send(session, textFrame(durable));
    world.endpoint.send(session, textFrame(durable));
    world.pass(0ms);
    CHECK(world.endpoint.has(session));
    CHECK(world.pollNow(sid).body == durable + "\x1e" + durable);
}

TEST_CASE("shutting down ends every session and refuses new ones") {
    World world;
    const RequestNumber poll = world.poll(world.openPolling());
    const std::string silent = world.openPolling();
    const SocketNumber socket = world.openWebSocket();
    world.endpoint.closeAll();
    // A noop, not a close packet: clients should reconnect, and some do not after a close packet.
    CHECK(world.answer(poll)->body == "6");
    CHECK(world.pollNow(silent).body == "6");
    CHECK(world.closeCode(socket) == 1001);
    CHECK(world.application.closed.size() == 3);
    CHECK(world.endpoint.sessionCount() == 0);
    CHECK(world.ask("GET", "EIO=4&transport=polling").status == 503);
    CHECK(world.endpoint.checkWebSocket({"4", "websocket", ""})->httpStatus == 503);
}
