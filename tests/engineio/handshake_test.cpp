#include "engineio/sid.h"
#include "engineio/world.h"

#include <catch2/catch.hpp>

#include <set>

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;

TEST_CASE("the query is read as a browser writes it") {
    struct Row {
        const char* query;
        Query expected;
    };
    const Row rows[] = {
        {"", {"", "", ""}},
        {"EIO=4&transport=polling&t=Pxyz&b64=1", {"4", "polling", ""}},
        {"sid=a%2Db&EIO=%34", {"4", "", "a-b"}},
        {"sid=a+b", {"", "", "a b"}},
        {"sid=%zz&transport=%4", {"", "%4", "%zz"}},
        {"EIO&&=&transport", {"", "", ""}},
        {"EIO=3&EIO=4", {"4", "", ""}},
        {"sid=a=b", {"", "", "a=b"}},
        {"s%69d=x", {"", "", "x"}},
        {"eio=4&SID=x", {"", "", ""}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.query);
        const Query query = parseQuery(row.query);
        CHECK(query.eio == row.expected.eio);
        CHECK(query.transport == row.expected.transport);
        CHECK(query.sid == row.expected.sid);
    }
}

TEST_CASE("a polling handshake answers an open packet with the protocol's five keys") {
    World world;
    const Answer answer = world.ask("GET", "EIO=4&transport=polling");
    CHECK(answer.status == 200);
    CHECK(answer.contentType == "text/plain; charset=UTF-8");
    REQUIRE(answer.body.starts_with("0"));
    const auto data = parseJson(std::string_view(answer.body).substr(1));
    REQUIRE(data);
    CHECK(data->size() == 5);
    CHECK(data->at("sid").is_string());
    CHECK(data->at("upgrades") == Json::array({"websocket"}));
    CHECK(data->at("pingInterval") == 25'000);
    CHECK(data->at("pingTimeout") == 20'000);
    CHECK(data->at("maxPayload") == 1'000'000);
    CHECK(world.application.opened.size() == 1);
    CHECK(world.endpoint.transportOf(world.application.opened[0]) == TransportKind::polling);
}

TEST_CASE("a WebSocket handshake sends an open packet without upgrades") {
    World world;
    const SocketNumber socket = world.webSocket();
    const Packets heard = world.heard(socket);
    REQUIRE(heard.size() == 1);
    const auto data = parseJson(std::string_view(heard[0]).substr(1));
    REQUIRE(data);
    CHECK(data->size() == 5);
    CHECK(data->at("upgrades") == Json::array());
    CHECK(world.endpoint.transportOf(world.application.opened.at(0)) == TransportKind::webSocket);
}

TEST_CASE("the application gets the query and the credentials of a handshake, on both transports") {
    World world;
    const std::string query = "EIO=4&transport=polling&mine=%41";
    world.endpoint.onRequest({.number = 1,
                              .method = "GET",
                              .query = query,
                              .body = {},
                              .credentials = {.authorization = "Bearer a", .cookie = "b=1"}});
    const Query parsed = parseQuery("EIO=4&transport=websocket&mine=2");
    REQUIRE_FALSE(world.endpoint.checkWebSocket(parsed));
    world.endpoint.onWebSocketOpen(1, parsed, {.authorization = "Bearer c", .cookie = "d=1"});
    CHECK(world.application.queries == std::vector{query, std::string(parsed.text)});
    CHECK(world.application.authorizations == std::vector<std::string>{"Bearer a", "Bearer c"});
    CHECK(world.application.cookies == std::vector<std::string>{"b=1", "d=1"});
}

TEST_CASE("without WebSocket no upgrade is offered") {
    Options options;
    options.webSocket = false;
    World world(options);
    const Answer answer = world.ask("GET", "EIO=4&transport=polling");
    CHECK(answer.body.find("\"upgrades\":[]") != std::string::npos);
    CHECK(world.ask("GET", "EIO=4&transport=websocket").body ==
          R"({"code":0,"message":"Transport unknown"})");
}

TEST_CASE("requests are refused with the reference server's codes and messages") {
    World world;
    const std::string sid = world.openPolling();
    const SocketNumber socket = world.webSocket();
    const std::string webSocketSid = World::sidOf(world.heard(socket).at(0));
    std::string foreign = sid;
    foreign.back() = foreign.back() == 'A' ? 'B' : 'A';

    struct Row {
        const char* method;
        std::string query;
        int status;
        const char* body;
    };
    const char* const kTransport = R"({"code":0,"message":"Transport unknown"})";
    const char* const kSid = R"({"code":1,"message":"Session ID unknown"})";
    const char* const kMethod = R"({"code":2,"message":"Bad handshake method"})";
    const char* const kBad = R"({"code":3,"message":"Bad request"})";
    const char* const kVersion = R"({"code":5,"message":"Unsupported protocol version"})";
    const Row rows[] = {
        {"GET", "EIO=4", 400, kTransport},
        {"GET", "EIO=4&transport=abc", 400, kTransport},
        {"GET", "", 400, kTransport},
        {"GET", "transport=polling", 400, kVersion},
        {"GET", "EIO=abc&transport=polling", 400, kVersion},
        {"GET", "EIO=3&transport=polling", 400, kVersion},
        {"GET", "EIO=40&transport=polling", 400, kVersion},
        {"POST", "EIO=4&transport=polling", 400, kMethod},
        {"PUT", "EIO=4&transport=polling", 400, kMethod},
        {"POST", "EIO=4&transport=websocket", 400, kMethod},
        {"GET", "EIO=4&transport=websocket", 400, kBad},
        {"GET", "EIO=4&transport=polling&sid=nobody", 400, kSid},
        {"GET", "EIO=4&transport=polling&sid=" + foreign, 400, kSid},
        {"GET", "EIO=4&transport=polling&sid=" + sid + "A", 400, kSid},
        {"GET", "EIO=4&transport=websocket&sid=" + sid, 400, kBad},
        {"GET", "EIO=4&transport=polling&sid=" + webSocketSid, 400, kBad},
        {"GET", "EIO=4&transport=websocket&sid=" + webSocketSid, 400, kBad},
        {"POST", "EIO=4&transport=polling&sid=" + webSocketSid, 400, kBad},
        {"PUT", "EIO=4&transport=polling&sid=" + sid, 400, kBad},
    };
    for (const Row& row : rows) {
        CAPTURE(row.method, row.query);
        const Answer answer = world.ask(row.method, row.query);
        CHECK(answer.status == row.status);
        CHECK(answer.contentType == "application/json");
        CHECK(answer.body == row.body);
    }
    CHECK(world.endpoint.sessionCount() == 2);
}

TEST_CASE("WebSocket handshakes are refused with the same codes") {
    World world;
    const std::string sid = world.openPolling();
    const std::string upgrading = world.openPolling();
    world.webSocket(upgrading);
    const SocketNumber socket = world.webSocket();
    const std::string webSocketSid = World::sidOf(world.heard(socket).at(0));

    struct Row {
        Query query;
        std::optional<int> code;
    };
    const Row rows[] = {
        {{"4", "websocket", ""}, std::nullopt},
        {{"4", "websocket", sid}, std::nullopt},
        {{"4", "", ""}, 0},
        {{"4", "abc", sid}, 0},
        {{"4", "websocket", "nobody"}, 1},
        {{"4", "polling", ""}, 3},
        {{"4", "polling", sid}, 3},
        {{"4", "websocket", upgrading}, std::nullopt},  // closed when it opens
        {{"4", "websocket", webSocketSid}, std::nullopt},
        {{"4", "polling", webSocketSid}, 3},
        {{"3", "websocket", ""}, 5},
        {{"", "websocket", ""}, 5},
        {{"abc", "websocket", ""}, 5},
    };
    for (const Row& row : rows) {
        CAPTURE(row.query.eio, row.query.transport, row.query.sid);
        const auto refusal = world.endpoint.checkWebSocket(row.query);
        CHECK(refusal.has_value() == row.code.has_value());
        if (refusal && row.code) CHECK(refusal->code == *row.code);
    }
}

TEST_CASE("a forbidden origin's refusal has status 403") {
    const Refusal refusal = makeRefusal(RefusalCode::forbidden);
    CHECK(refusal.httpStatus == 403);
    CHECK(refusal.body() == R"({"code":4,"message":"Forbidden"})");
}

TEST_CASE("a preflight is answered without a body") {
    World world;
    const Answer answer = world.ask("OPTIONS", "EIO=4&transport=polling");
    CHECK(answer.status == 204);
    CHECK(answer.body.empty());
}

TEST_CASE("a sid names its loop, and a text that is no sid names none") {
    World world({}, 1'023);
    const std::string sid = world.openPolling();
    CHECK(sid.size() == 28);
    CHECK(Endpoint::loopOf(sid) == LoopIndex{1'023});
    CHECK_FALSE(Endpoint::loopOf(""));
    CHECK_FALSE(Endpoint::loopOf("short"));
    CHECK_FALSE(Endpoint::loopOf(std::string(28, '=')));
    CHECK_FALSE(Endpoint::loopOf(sid + "A"));
}

TEST_CASE("of a sid every character counts, and 128 bits of it are random") {
    World world;
    const std::string sid = world.openPolling();
    for (std::size_t i = 0; i < sid.size(); ++i) {
        CAPTURE(i);
        std::string other = sid;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        CHECK(world.pollNow(other).body == R"({"code":1,"message":"Session ID unknown"})");
    }
    // Of 100 secrets no bit is always 0 or always 1.
    SidSecret everSet{};
    SidSecret everClear{};
    for (int i = 0; i < 100; ++i) {
        const auto decoded = decodeSid(world.openPolling());
        REQUIRE(decoded);
        for (std::size_t at = 0; at < decoded->secret.size(); ++at) {
            everSet[at] |= decoded->secret[at];
            everClear[at] |= static_cast<std::uint8_t>(~decoded->secret[at]);
        }
    }
    SidSecret all{};
    all.fill(0xFF);
    CHECK(all.size() * 8 == 128);
    CHECK(everSet == all);
    CHECK(everClear == all);
}

TEST_CASE("a session of another loop is unknown here") {
    World here({}, 1);
    World there({}, 2);
    const std::string sid = there.openPolling();
    here.openPolling();
    CHECK(here.pollNow(sid).body == R"({"code":1,"message":"Session ID unknown"})");
}

TEST_CASE("a sid begins with the number of its node, and is unknown to another one") {
    Options ofNode;
    ofNode.node = 3;
    World here(ofNode, 1);
    World there({}, 1);
    const std::string sid = here.openPolling();
    CHECK(sid.front() == 'D');
    CHECK(there.openPolling().front() == 'A');
    CHECK(there.pollNow(sid).body == R"({"code":1,"message":"Session ID unknown"})");
}

TEST_CASE("session numbers carry the loop and are never used twice") {
    World world({}, 9);
    std::set<ConnectionId> seen;
    std::set<std::string> sids;
    for (int i = 0; i < 2000; ++i) {
        const std::string sid = world.openPolling();
        const ConnectionId number = world.application.opened.back();
        CHECK(number.value >> 48 == 9);
        CHECK(seen.insert(number).second);
        CHECK(sids.insert(sid).second);
        if (i % 3 != 0) world.endpoint.close(number, CloseReason::slowClient);
    }
    CHECK_FALSE(world.endpoint.has({}));
    CHECK(world.endpoint.sessionCount() == 667);
}

TEST_CASE("however many sessions come and go, their numbers are new and have the same few bits") {
    World world({}, 9);
    std::set<ConnectionId> seen;
    for (int i = 0; i < 10'000; ++i) {
        world.openPolling();
        const ConnectionId number = world.application.opened.back();
        REQUIRE(seen.insert(number).second);
        REQUIRE((number.value & 0xFFFF'FFFF'FFFF) >> kConnectionBits == 0);
        world.endpoint.close(number, CloseReason::slowClient);
    }
}

TEST_CASE("beyond sessionsMax a handshake gets 503 until a session ends") {
    Options options;
    options.sessionsMax = 2;
    World world(options);
    world.openPolling();
    const SocketNumber socket = world.openWebSocket();
    CHECK(world.ask("GET", "EIO=4&transport=polling").status == 503);
    const auto refusal = world.endpoint.checkWebSocket({"4", "websocket", ""});
    REQUIRE(refusal);
    CHECK(refusal->httpStatus == 503);
    world.endpoint.onWebSocketClosed(socket, CloseReason::transportClose);
    CHECK(world.ask("GET", "EIO=4&transport=polling").status == 200);
}

TEST_CASE("a handshake that the application refuses opens nothing, on both transports") {
    World world;
    world.application.notOpened = Refusal{429, 3, "too often", 1500};
    const auto answer = world.ask("GET", "EIO=4&transport=polling");
    CHECK(answer.status == 429);
    CHECK(answer.body ==
          R"({"success":false,"error":"too often","code":"rate_limited","retryAfterMs":1500})");
    const auto refusal = world.endpoint.checkWebSocket(parseQuery("EIO=4&transport=websocket"));
    REQUIRE(refusal);
    CHECK(refusal->httpStatus == 429);
    CHECK(refusal->retryAfterMs == 1500);
    CHECK(world.application.opened.empty());
    CHECK(world.endpoint.sessionCount() == 0);
    CHECK(world.application.askedToOpen == 2);
}

TEST_CASE("the application is asked once about a handshake, and not about what is refused anyway") {
    World world;
    world.ask("GET", "EIO=3&transport=polling");
    world.ask("POST", "EIO=4&transport=polling");
    CHECK(world.endpoint.checkWebSocket(parseQuery("EIO=3&transport=websocket")));
    CHECK(world.application.askedToOpen == 0);
    world.openWebSocket();
    const int once = world.application.askedToOpen;
    CHECK(once <= 1);  // by the check before it, if the fixture makes one
    world.ask("GET", "EIO=4&transport=polling");
    CHECK(world.application.askedToOpen == once + 1);
    world.endpoint.refuseNew();
    world.ask("GET", "EIO=4&transport=polling");
    CHECK(world.application.askedToOpen == once + 1);
}

TEST_CASE("a client that went on asking is closed so that it comes back") {
    World world;
    const SocketNumber socket = world.openWebSocket();
    world.endpoint.close(world.application.opened.back(), CloseReason::tooManyRefusals);
    CHECK(world.closeCode(socket) == 1008);
    CHECK(world.closeReason() == CloseReason::tooManyRefusals);
}
