#include "engineio/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;

namespace {

const Credentials kOwn{.authorization = "Bearer own", .cookie = {}};
const Credentials kOther{.authorization = "Bearer other", .cookie = {}};
const std::string kForbidden = R"({"code":4,"message":"Forbidden"})";

/// An application that allows only requests with the credentials "own", about every one of which it
/// wants to be asked, and a polling session.
struct CheckedWorld : World {
    CheckedWorld() {
        application.refused = "other";
        endpoint.checkEveryRequest(session);
    }
    const std::string sid = openPolling();
    const ConnectionId session = application.opened.back();
};

/// Refuses requests without credentials, too.
struct StrictApplication final : RecordingApplication {
    bool mayUse(ConnectionId session, TransportKind by, const Credentials& credentials) override {
        RecordingApplication::mayUse(session, by, credentials);
        return credentials.authorization == kOwn.authorization;
    }
};

struct StrictWorld {
    StrictWorld() {
        application.endpoint = &endpoint;
        endpoint.onRequest({.number = 1,
                            .method = "GET",
                            .query = "EIO=4&transport=polling",
                            .body = {},
                            .credentials = kOwn});
        sid = World::sidOf(wire.answers.at(1).body);
        endpoint.checkEveryRequest(application.opened.at(0));
    }
    Answer ask(std::string_view method, std::string_view body, const Credentials& credentials) {
        const std::string query = World::polling(sid);
        endpoint.onRequest({++last, method, query, body, credentials});
        return wire.answers[last];
    }

    const Options options;
    ManualClock clock;
    SeededRandom random{7};
    RecordingWire wire;
    StrictApplication application;
    Endpoint endpoint{options, LoopIndex{3}, clock, random, wire, application};
    std::string sid;
    RequestNumber last = 1;
};

}  // namespace

TEST_CASE("the application is asked about requests that carry credentials, and about no others") {
    World world;
    const std::string sid = world.openPolling();
    const ConnectionId session = world.application.opened.back();
    CHECK(world.post(sid, "4a").status == 200);
    CHECK(world.pollNow(sid).body == "4a");
    world.endpoint.onPostBegins(sid);
    world.endpoint.onPostEnds(sid);
    world.webSocket(sid);
    CHECK(world.application.asked.empty());

    CHECK(world.ask("POST", World::polling(sid), "4b", kOwn).status == 200);
    CHECK(world.ask("GET", World::polling(sid), {}, {.authorization = {}, .cookie = "a=1"}).body ==
          "4b");
    CHECK_FALSE(world.endpoint.onPostBegins(sid, kOwn));
    world.endpoint.onPostEnds(sid);
    CHECK_FALSE(world.endpoint.checkWebSocket({"4", "websocket", sid}, kOwn));
    const std::vector<std::pair<ConnectionId, std::string>> expected{
        {session, "polling Bearer own"},
        {session, "polling "},
        {session, "polling Bearer own"},
        {session, "webSocket Bearer own"}};
    CHECK(world.application.asked == expected);
}

TEST_CASE("handshakes, and requests for no open session, ask nothing") {
    World world;
    world.application.refused = "other";
    CHECK(world.ask("GET", "EIO=4&transport=polling", {}, kOther).status == 200);
    CHECK_FALSE(world.endpoint.checkWebSocket({"4", "websocket", ""}, kOther));
    CHECK(world.ask("GET", World::polling("nobody"), {}, kOther).status == 400);
    CHECK(world.endpoint.checkWebSocket({"4", "websocket", "nobody"}, kOther)->code == 1);
    CHECK_FALSE(world.endpoint.onPostBegins("nobody", kOther));
    CHECK(world.application.asked.empty());
}

TEST_CASE("a request that the application refuses gets 403, and the session stays as it was") {
    CheckedWorld world;
    const RequestNumber parked = world.request("GET", World::polling(world.sid), {}, kOwn);
    SECTION("a second poll does not end the session") {
        const Answer answer = world.ask("GET", World::polling(world.sid), {}, kOther);
        CHECK(answer.status == 403);
        CHECK(answer.body == kForbidden);
    }
    SECTION("nothing of a POST is read: no message, no close, no pong") {
        for (const char* body : {"4a", "1", "3", "2", "nonsense",
                                 "4a\x1e"
                                 "4b"}) {
            CAPTURE(body);
            CHECK(world.ask("POST", World::polling(world.sid), body, kOther).body == kForbidden);
        }
        CHECK(world.application.messages.empty());
    }
    SECTION("a POST that begins to arrive does not count as one") {
        REQUIRE_FALSE(world.endpoint.onPostBegins(world.sid, kOwn));
        const auto refusal = world.endpoint.onPostBegins(world.sid, kOther);
        REQUIRE(refusal);
        CHECK(refusal->httpStatus == 403);
        CHECK(refusal->body() == kForbidden);
        world.endpoint.onPostEnds(world.sid);
    }
    SECTION("an upgrade takes no place") {
        const auto refusal = world.endpoint.checkWebSocket({"4", "websocket", world.sid}, kOther);
        REQUIRE(refusal);
        CHECK(refusal->httpStatus == 403);
        CHECK(refusal->code == 4);
    }
    CHECK(world.endpoint.counters().refusedCredentials > 0);
    CHECK(world.application.closed.empty());
    CHECK_FALSE(world.answer(parked));
    CHECK(world.ask("POST", World::polling(world.sid), "4own", kOwn).status == 200);
    CHECK(world.answer(parked)->body == "4own");
    CHECK(world.application.messages == Packets{"own"});
    const SocketNumber socket = world.webSocket(world.sid);
    world.say(socket, "2probe");
    CHECK(world.heard(socket) == Packets{"3probe"});
}

TEST_CASE("a refused POST does not put off the ping timeout") {
    CheckedWorld world;
    world.pass(world.options.pingInterval);
    CHECK(world.ask("POST", World::polling(world.sid), "3", kOther).status == 403);
    world.pass(world.options.pingTimeout);
    CHECK(world.closeReason() == CloseReason::pingTimeout);
}

TEST_CASE("of a session that is checked, polls and POSTs without credentials are asked about") {
    StrictWorld world;
    CHECK(world.ask("POST", "4a", {}).body == kForbidden);
    CHECK(world.ask("GET", {}, {}).body == kForbidden);
    REQUIRE(world.endpoint.onPostBegins(world.sid));
    CHECK(world.application.messages.empty());
    CHECK(world.ask("POST", "4b", kOwn).status == 200);
    CHECK(world.ask("GET", {}, kOwn).body == "4b");
    CHECK(world.endpoint.counters().refusedCredentials == 3);
    SECTION("an upgrade without credentials passes unasked") {
        const auto asked = world.application.asked.size();
        const Query query{"4", "websocket", world.sid};
        REQUIRE_FALSE(world.endpoint.checkWebSocket(query));
        world.endpoint.onWebSocketOpen(77, query);
        for (const char* packet : {"2probe", "5", "4c"}) {
            world.endpoint.onWebSocketMessage(77, false, packet);
        }
        CHECK(world.wire.sockets[77].received == Packets{"3probe", "4c"});
        CHECK(world.application.asked.size() == asked);
        CHECK(world.ask("GET", {}, {}).body == kForbidden);
    }
    SECTION("once it is closed, the sid is enough to fetch the rest") {
        world.endpoint.send(world.application.opened.at(0), text("last"));
        world.endpoint.close(world.application.opened.at(0));
        const auto asked = world.application.asked.size();
        CHECK(world.ask("GET", {}, kOther).body ==
              "4last\x1e"
              "1");
        CHECK(world.application.asked.size() == asked);
    }
}

TEST_CASE("a later session in the same place is not checked") {
    StrictWorld world;
    world.endpoint.close(world.application.opened.at(0), CloseReason::slowClient);
    world.endpoint.onRequest({++world.last, "GET", "EIO=4&transport=polling", {}, {}});
    world.sid = World::sidOf(world.wire.answers[world.last].body);
    CHECK(world.ask("POST", "4a", {}).status == 200);
    CHECK(world.application.asked.empty());
}
