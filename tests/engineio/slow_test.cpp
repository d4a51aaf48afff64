#include "engineio/world.h"

#include <parley/engineio/pace.h>

#include <algorithm>

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;
using namespace std::chrono_literals;

namespace {

Options slowOptions() {
    Options options;
    options.queueBytesMax = 1000;
    options.stalled = 1000ms;
    return options;
}

std::string message(char c) {
    return std::string(299, c);
}

/// A polling session beyond its queue's limit, whose next POST is not answered.
struct OverLimit {
    World world{slowOptions()};
    std::string sid = world.openPolling();
    ConnectionId session = world.application.opened[0];
    RequestNumber held = 0;

    OverLimit() {
        world.application.echo = false;
        for (const char c : {'a', 'b', 'c', 'd'}) world.endpoint.send(session, text(message(c)));
        held = post("4asked");
    }
    RequestNumber post(const std::string& body) {
        return world.request("POST", "EIO=4&transport=polling&sid=" + sid, body);
    }
};

}  // namespace

TEST_CASE("a client is too slow when it takes nothing for a while") {
    Pace pace(100ms);
    CHECK_FALSE(pace.isTooSlow(30'099ms, 30s));
    pace.took(0, 20'000ms);
    CHECK(pace.isTooSlow(30'100ms, 30s));
    pace.took(1, 30'100ms);
    CHECK(pace.movedAt() == 30'100ms);
    CHECK_FALSE(pace.isTooSlow(60'099ms, 30s));
}

TEST_CASE("a client beyond its limit is too slow when it takes less than 16 kB a second") {
    for (const std::size_t bytes : {479'999, 480'000}) {
        Pace pace(0ms);
        pace.took(1'000'000, 5s);  // before it was beyond its limit
        pace.setOver(true, 10s);
        for (int second = 1; second < 30; ++second) {
            pace.took(1000, 10s + second * 1s);
            CHECK_FALSE(pace.isTooSlow(10s + second * 1s, 30s));
        }
        pace.took(bytes - 29'000, 40s);
        CHECK(pace.isTooSlow(40s, 30s) == (bytes < 480'000));
    }
    Pace within(0ms);
    within.took(1, 29s);
    CHECK_FALSE(within.isTooSlow(31s, 30s));  // within its limit any pace is enough
}

TEST_CASE("a polling client that takes none of its output is closed, even if it keeps sending") {
    World world(slowOptions());
    world.application.echo = false;
    const std::string sid = world.openPolling();
    world.pass(5000ms);  // nothing waited
    world.endpoint.send(world.application.opened[0], textFrame("4waits"));
    for (int i = 0; i < 9; ++i) {
        world.pass(100ms);
        CHECK(world.post(sid, "3").body == "ok");
    }
    CHECK(world.application.closed.empty());
    world.pass(100ms);
    CHECK(world.closeReason() == CloseReason::slowClient);
    CHECK(world.pollNow(sid).status == 400);
}

TEST_CASE("a polling client that takes a little at a time is not closed") {
    Options options = slowOptions();
    options.maxPayloadBytes = 400;
    World world(options);
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    for (const char c : {'a', 'b', 'c'}) world.endpoint.send(session, text(message(c)));
    for (const char c : {'a', 'b', 'c'}) {
        world.pass(900ms);
        CHECK(world.pollNow(sid).body == "4" + message(c));
    }
    world.pass(5000ms);
    CHECK(world.application.closed.empty());
}

TEST_CASE("a polling client that is still taking an answer need not poll") {
    World world(slowOptions());
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    world.endpoint.send(session, text(message('a')));
    CHECK(world.pollNow(sid).status == 200);
    world.endpoint.send(session, text(message('b')));
    for (const std::size_t unread : {5000, 4000, 100}) {
        world.wire.unread = unread;
        world.pass(1000ms);
        CHECK(world.application.closed.empty());
    }
    world.pass(1000ms);  // nothing moved
    CHECK(world.closeReason() == CloseReason::slowClient);
}

TEST_CASE("beyond the queue's limit a POST is answered once half of it is left, a poll at once") {
    OverLimit over;
    World& world = over.world;
    CHECK(world.application.messages == Packets{"asked"});
    CHECK_FALSE(world.answer(over.held));
    CHECK(world.endpoint.counters().pollersOver == 1);
    CHECK(world.endpoint.counters().queuedBytes > 1000);
    CHECK(world.pollNow(over.sid).body.size() > 1000);
    REQUIRE(world.answer(over.held));
    CHECK(world.answer(over.held)->body == "ok");
    CHECK(world.endpoint.counters().pollersOver == 0);
    CHECK(world.endpoint.counters().queuedBytes == 0);
    CHECK(world.post(over.sid, "4next").body == "ok");
}

TEST_CASE("beyond the queue's limit only typing is lost") {
    OverLimit over;
    const auto typing = [] {
        FrameBuilder builder;
        builder.out() += "4typing";
        return builder.finish(/*droppable=*/true);
    };
    over.world.endpoint.send(over.session, typing());
    for (int i = 0; i < 100; ++i) over.world.endpoint.send(over.session, text(message('x')));
    CHECK(over.world.endpoint.counters().framesDropped == 1);
    std::size_t got = 0;
    for (int i = 0; i < 104;) {
        const std::string body = over.world.pollNow(over.sid).body;
        i += static_cast<int>(std::count(body.begin(), body.end(), '\x1e')) + 1;
        got += body.size();
    }
    CHECK(got >= 104 * 300);
    CHECK(over.world.application.closed.empty());
}

TEST_CASE("beyond the queue's limit the ping timeout stops; afterwards a pong has the full time") {
    Options options = slowOptions();
    options.pingInterval = 300ms;
    options.pingTimeout = 200ms;
    options.stalled = 10'000ms;
    World world(options);
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened[0];
    for (int i = 0; i < 4; ++i) world.endpoint.send(session, text(message('x')));
    for (int i = 0; i < 20; ++i) world.pass(100ms);
    CHECK(world.application.closed.empty());
    const std::string body = world.pollNow(sid).body;
    CHECK(body.ends_with("2"));  // pings went on
    world.pass(199ms);
    CHECK(world.application.closed.empty());
    CHECK(world.post(sid, "3").body == "ok");
    world.pass(499ms);
    CHECK(world.application.closed.empty());
    world.pass(1ms);
    CHECK(world.closeReason() == CloseReason::pingTimeout);
}

TEST_CASE("a WebSocket that is not read is pinged and needs no pong until it is read again") {
    Options options;
    options.pingInterval = 300ms;
    options.pingTimeout = 200ms;
    World world(options);
    const SocketNumber socket = world.openWebSocket();
    world.pass(350ms);
    world.endpoint.onWebSocketPaused(socket, true);
    world.pass(10'000ms);
    CHECK(world.application.closed.empty());
    CHECK(world.heard(socket).size() >= 2);
    world.endpoint.onWebSocketPaused(socket, false);
    world.pass(199ms);
    CHECK(world.application.closed.empty());
    world.pass(1ms);
    CHECK(world.closeReason() == CloseReason::pingTimeout);
}

TEST_CASE("a POST that waits is answered when its session ends or changes its transport") {
    OverLimit over;
    World& world = over.world;
    SECTION("closed by the server") {
        world.endpoint.close(over.session);
    }
    SECTION("ended as slow") {
        world.pass(1000ms);
    }
    SECTION("all are closed") {
        world.endpoint.closeAll();
    }
    SECTION("upgraded") {
        const SocketNumber socket = world.webSocket(over.sid);
        world.say(socket, "2probe");
        REQUIRE(world.answer(over.held));  // a client needs it to go on
        CHECK(world.post(over.sid, "4another").body == "ok");
        world.say(socket, "5");
        CHECK(world.heard(socket).size() == 5);
        CHECK(world.endpoint.counters().pollersOver == 0);
        CHECK(world.endpoint.counters().queuedBytes == 0);
    }
    REQUIRE(world.answer(over.held));
    CHECK(world.answer(over.held)->body == "ok");
}

TEST_CASE("a client that does not wait for the answer to its POST is closed") {
    OverLimit over;
    SECTION("the next POST is whole") {
        CHECK(over.world.answer(over.post("4more"))->status == 400);
    }
    SECTION("the next POST begins to arrive") {
        over.world.endpoint.onPostBegins(over.sid);
    }
    CHECK(over.world.closeReason() == CloseReason::transportError);
    CHECK(over.world.answer(over.held));
}

TEST_CASE("the client may give up a POST that waits for its answer") {
    OverLimit over;
    over.world.endpoint.onRequestAborted(over.held);
    CHECK(over.world.application.closed.empty());
    CHECK(over.world.pollNow(over.sid).status == 200);
    CHECK_FALSE(over.world.answer(over.held));
    CHECK(over.world.post(over.sid, "4again").body == "ok");
}
