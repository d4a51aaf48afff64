#include "support/socketio_packets.h"

#include <parley/socketio/connection.h>

#include <catch2/catch.hpp>

#include <functional>

using namespace parley;
using namespace parley::socketio;

namespace {

using Lines = std::vector<std::string>;

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const auto part : parts) out += part;
    return out;
}

/// Records the connection's calls, and answers as the protocol's own test server does: namespaces
/// "/" and "/custom", event "auth", echo with and without ack.
class EchoHandler : public Handler {
public:
    void onConnect(std::string_view nsp, Json auth) override {
        log.push_back(joined({"connect ", nsp, " ", auth.dump()}));
        if (!answers) return;
        connection->accept(nsp, R"({"sid":"s1"})");
        if (auth.is_null()) auth = Json::object();
        send(eventPacket(nsp, joined({R"(["auth",)", auth.dump(), "]"})));
    }
    void onEvent(Packet packet) override {
        log.push_back(joined({"event ", packet.nsp, " ", packet.data.dump()}));
        if (onEventHook) onEventHook();
        if (!answers) return;
        if (packet.id) {
            packet.data.erase(packet.data.begin());
            send(ackPacket(packet.nsp, *packet.id, packet.data.dump(), packet.binary.size()));
        } else {
            packet.data[0] = "message-back";
            send(eventPacket(packet.nsp, packet.data.dump(), packet.binary.size()));
        }
        for (const std::string& message : packet.binary) {
            sent.push_back(joined({"<binary>", message}));
        }
    }
    void onAck(Packet packet) override {
        log.push_back(joined(
            {"ack ", packet.nsp, " ", std::to_string(packet.id.value()), " ", packet.data.dump()}));
    }
    void onDisconnect(std::string_view nsp) override {
        log.push_back(joined({"disconnect ", nsp}));
    }
    void send(std::string_view packet) override { sent.emplace_back(packet); }

    Connection* connection = nullptr;
    bool answers = true;
    std::function<void()> onEventHook;
    Lines log;
    Lines sent;
};

struct World {
    World() { handler.connection = connection.get(); }
    bool text(std::string_view message) { return connection->receive(false, message); }
    bool binary(std::string_view message) { return connection->receive(true, message); }
    Lines sent() { return std::exchange(handler.sent, {}); }
    Lines log() { return std::exchange(handler.log, {}); }
    void join(std::string_view nsp = "/") {
        REQUIRE(text(nsp == "/" ? std::string("0") : joined({"0", nsp, ","})));
        sent();
        log();
    }

    Options options{{"/", "/custom"}, {}};
    EchoHandler handler;
    std::unique_ptr<Connection> connection = std::make_unique<Connection>(handler, options);
};

}  // namespace

TEST_CASE("a client may enter the namespaces that exist, with its auth") {
    struct Row {
        const char* message;
        Lines sent;
    };
    const Row rows[] = {
        {"0", {R"(40{"sid":"s1"})", R"(42["auth",{}])"}},
        {R"(0{"token":"123"})", {R"(40{"sid":"s1"})", R"(42["auth",{"token":"123"}])"}},
        {"0/custom,", {R"(40/custom,{"sid":"s1"})", R"(42/custom,["auth",{}])"}},
        {R"(0/custom,{"token":"abc"})",
         {R"(40/custom,{"sid":"s1"})", R"(42/custom,["auth",{"token":"abc"}])"}},
        {"0/random", {R"(44/random,{"message":"Invalid namespace"})"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.message);
        World world;
        CHECK(world.text(row.message));
        CHECK(world.sent() == row.sent);
    }
}

TEST_CASE("a request for an unknown namespace is refused without asking the handler") {
    World world;
    world.options.limits.namespacesMax = 1;
    world.join("/custom");
    for (int i = 0; i < 3; ++i) {  // more often than namespacesMax
        CHECK(world.text("0/random,{}"));
        CHECK(world.sent() == Lines{R"(44/random,{"message":"Invalid namespace"})"});
    }
    CHECK(world.log().empty());
    CHECK_FALSE(world.text(R"(2/random,["message"])"));
}

TEST_CASE("a refusal can carry data") {
    World world;
    world.handler.answers = false;
    CHECK(world.text("0"));
    world.connection->refuse("/", "say \"please\"", R"({"code":"unauthorized"})");
    CHECK(world.sent() ==
          Lines{R"(44{"message":"say \"please\"","data":{"code":"unauthorized"}})"});
    CHECK_FALSE(world.connection->in("/"));
    CHECK(world.text("0"));
}

TEST_CASE("events and acks come back as the protocol's test server sends them") {
    World world;
    world.join();
    CHECK(world.text(R"(2["message",1,"2",{"3":[true]}])"));
    CHECK(world.sent() == Lines{R"(42["message-back",1,"2",{"3":[true]}])"});
    CHECK(world.text(R"(2456["message-with-ack",1,"2",{"3":[false]}])"));
    CHECK(world.sent() == Lines{R"(43456[1,"2",{"3":[false]}])"});
}

TEST_CASE("attachments are collected and go out again") {
    World world;
    world.join();
    CHECK(world.text(
        R"(52-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])"));
    CHECK(world.binary("\x01\x02\x03"));
    CHECK(world.log().empty());
    CHECK(world.binary("\x04\x05\x06"));
    CHECK(
        world.sent() ==
        Lines{R"(452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
              "<binary>\x01\x02\x03", "<binary>\x04\x05\x06"});

    CHECK(world.text(R"(51-789["message-with-ack",{"_placeholder":true,"num":0}])"));
    CHECK(world.binary("x"));
    CHECK(world.sent() == Lines{R"(461-789[{"_placeholder":true,"num":0}])", "<binary>x"});

    CHECK(world.text(R"(50-["message"])"));
    CHECK(world.sent() == Lines{R"(42["message-back"])"});
}

TEST_CASE("binary messages without a packet, and text among attachments, are malformed") {
    World world;
    world.join();
    CHECK_FALSE(world.binary("x"));
    CHECK(world.text(R"(51-["a",{"_placeholder":true,"num":0}])"));
    CHECK_FALSE(world.text(R"(2["b"])"));
}

TEST_CASE("attachments are bounded together") {
    World world;
    world.options.limits.attachmentBytesMax = 10;
    world.join();
    const char* packet = R"(52-["a",{"_placeholder":true,"num":0}])";
    CHECK(world.text(packet));
    CHECK(world.binary("12345"));
    CHECK(world.binary("67890"));
    CHECK(world.log().size() == 1);
    CHECK(world.text(packet));
    CHECK(world.binary("12345"));
    CHECK_FALSE(world.binary("678901"));
    CHECK(world.log().empty());
}

TEST_CASE("a client's acks reach the handler") {
    World world;
    world.join();
    CHECK(world.text(R"(37[true,"x"])"));
    CHECK(world.log() == Lines{R"(ack / 7 [true,"x"])"});
}

TEST_CASE("leaving one namespace leaves the others alone") {
    World world;
    world.join();
    world.join("/custom");
    CHECK(world.connection->in("/custom"));
    CHECK(world.text("1/custom"));
    CHECK(world.log() == Lines{"disconnect /custom"});
    CHECK_FALSE(world.connection->in("/custom"));
    CHECK(world.text(R"(2["message","to main"])"));
    CHECK(world.sent() == Lines{R"(42["message-back","to main"])"});
    CHECK(world.text("1"));
    CHECK_FALSE(world.connection->in("/"));
    CHECK_FALSE(world.connection->in("/custom"));
    world.join();
    CHECK(world.connection->in("/"));
}

TEST_CASE("a packet that the client's state does not allow is malformed") {
    struct Row {
        Lines before;
        const char* message;
    };
    const Row rows[] = {
        {{}, R"(2["message"])"},
        {{}, "30[]"},
        {{}, "1"},
        {{}, "abc"},
        {{"0"}, "0"},
        {{"0"}, R"(2/custom,["message"])"},
        {{"0"}, "1/custom"},
        {{"0"}, R"(4{"message":"no"})"},
        {{"0", "1"}, R"(2["message"])"},
        {{"0", "1"}, "1"},
        {{"0/random"}, R"(2/random,["message"])"},
        {{"0"}, R"(51-/custom,["a"])"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.before, row.message);
        World world;
        for (const std::string& message : row.before) REQUIRE(world.text(message));
        world.log();
        const bool taken = world.text(row.message);
        CHECK_FALSE((taken && world.binary("x")));
        CHECK(world.log().empty());
    }
}

TEST_CASE("until its CONNECT is answered a client is not in, and may not send or ask again") {
    World world;
    world.handler.answers = false;
    CHECK(world.text("0"));
    CHECK_FALSE(world.connection->in("/"));
    CHECK_FALSE(world.text("0"));
    CHECK_FALSE(world.text(R"(2["a"])"));
    CHECK(world.sent().empty());
    world.connection->accept("/", "{}");
    CHECK(world.connection->in("/"));
    world.connection->accept("/", "{}");
    world.connection->refuse("/", "too late");
    CHECK(world.sent() == Lines{"40{}"});
}

TEST_CASE("nothing is sent to a namespace the client is not in") {
    World world;
    world.connection->accept("/", "{}");
    world.connection->disconnect("/");
    CHECK(world.sent().empty());
}

TEST_CASE("packets of a client that crossed its dismissal are ignored, and it can come back") {
    for (const std::string nsp : {"/", "/custom"}) {
        CAPTURE(nsp);
        World world;
        world.join(nsp);
        const std::string prefix = nsp == "/" ? "" : "/custom,";
        world.connection->disconnect(nsp);
        CHECK(world.sent() == Lines{joined({"41", prefix})});
        CHECK_FALSE(world.connection->in(nsp));
        CHECK(world.text(joined({"2", prefix, R"(["on its way"])"})));
        CHECK(world.log().empty());
        CHECK(world.text(joined({"0", prefix})));
        CHECK(world.connection->in(nsp));
        world.connection->disconnect(nsp);
        world.log();
        CHECK(world.text(joined({"1", prefix})));
        CHECK(world.log().empty());
        CHECK_FALSE(world.text(joined({"2", prefix, R"(["too late"])"})));
    }
}

TEST_CASE("namespaces are bounded") {
    World world;
    world.handler.answers = false;
    world.options.namespaces = {"/", "/a", "/b", "/c"};
    world.options.limits.namespacesMax = 2;
    CHECK(world.text("0"));
    CHECK(world.text("0/a"));
    CHECK(world.text("0/b"));
    CHECK_FALSE(world.text("0/c"));
    world.connection->refuse("/a", "no");
    CHECK(world.text("0/c"));
}

TEST_CASE("while it is in no namespace, a client's packets are small") {
    const auto ask = [](const std::string& nsp, int values) {
        std::string list;
        for (int i = 0; i < values; ++i) list += i == 0 ? "[]" : ",[]";
        return "0" + nsp + "{\"a\":[" + list + "]}";
    };
    const std::string large = "0{\"a\":\"" + std::string(100'000, 'x') + "\"}";
    for (const std::string& packet : {ask("", 1'000), ask("/unknown,", 1'000), large}) {
        World world;
        CHECK_FALSE(world.text(packet));
        CHECK(world.log().empty());
    }
    World world;
    world.options.namespaces = {"/", "/custom"};
    CHECK(world.text(ask("", 400)));
    CHECK(world.text(ask("/custom,", 10'000)));  // it is in "/" now
    CHECK_FALSE(world.text("2[\"event\"" + ask("", 30'000).substr(1) + "]"));
}

TEST_CASE("a handler may destroy its connection") {
    World world;
    world.join();
    world.handler.answers = false;
    world.handler.onEventHook = [&] { world.connection.reset(); };
    CHECK(world.text(R"(2["last"])"));
    CHECK(world.log() == Lines{R"(event / ["last"])"});
}

TEST_CASE("a connection is small") {
    CHECK(sizeof(Connection) <= 40);
}
