#include "net/address_table.h"
#include "net/echo_server.h"
#include "net/raw_client.h"

#include <catch2/catch.hpp>

#include <future>

using namespace parley::net;
using namespace parley::net::test;
using std::chrono::milliseconds;

namespace {

std::uint64_t refused(const EchoServer& server, Refused reason) {
    return server.server->counters().refused[static_cast<std::size_t>(reason)];
}

/// Sends `count` messages of `bytes` to the newest session, all in one turn.
void pour(EchoServer& server, int count, std::size_t bytes, bool droppable = false) {
    server.on(0, [&] {
        const auto session = server.services[0]->lastSession();
        for (int i = 0; i < count; ++i) {
            parley::engineio::FrameBuilder builder;
            builder.out() += packet(bytes, 'x');
            server.server->loops()[0]->sessions().send(session, builder.finish(droppable));
        }
    });
}

}  // namespace

TEST_CASE("each refusal by HTTP is counted under its own name") {
    EchoServer server([](Options& options) {
        options.httpHeaderBytesMax = 4096;
        options.httpUriBytesMax = 512;
        options.httpBodyBytesMax = 1024;
    });
    struct Row {
        std::string request;
        int status;
        Refused reason;
    };
    const std::string head = " HTTP/1.1\r\nHost: localhost\r\n";
    const Row rows[] = {
        {"GET /" + std::string(600, 'u') + head + "\r\n", 414, Refused::uriTooLong},
        {"GET /" + head + "A: " + std::string(5000, 'h') + "\r\n\r\n", 431,
         Refused::headerTooLarge},
        {"POST /" + head + "Content-Length: 1025\r\n\r\n", 413, Refused::bodyTooLarge},
        {"GET /" + head + "no colon\r\n\r\n", 400, Refused::malformed},
    };
    for (const Row& row : rows) {
        CAPTURE(row.status);
        RawClient client(server.port());
        client.send(row.request);
        const auto answer = client.response();
        REQUIRE(answer);
        CHECK(answer->status == row.status);
        CHECK(client.closed());
        CHECK(refused(server, row.reason) == 1);
    }
    // Exactly at its limit each is accepted.
    RawClient client(server.port());
    CHECK(client.get("/" + std::string(511, 'u'))->status == 200);
    CHECK(client.post("/", std::string(1024, 'b'))->status == 200);
    for (const Row& row : rows) CHECK(refused(server, row.reason) == 1);
}

TEST_CASE(
    "a client that sends a header or a body byte by byte, or nothing, is closed at the time "
    "limit") {
    EchoServer server([](Options& options) {
        options.headerTimeout = milliseconds(500);
        options.bodyTimeout = milliseconds(500);
        options.idleTimeout = milliseconds(500);
    });
    const auto drip = [&](const std::string& start, Refused reason) {
        RawClient client(server.port());
        client.send(start);
        // A few bytes now and then do not extend the time.
        const bool ended = EchoServer::until([&] {
            client.send("a");
            std::this_thread::sleep_for(milliseconds(10));
            return refused(server, reason) == 1;
        });
        CHECK(ended);
        const auto answer = client.response();
        if (answer) CHECK(answer->status == 408);
        CHECK(client.closed());
    };
    drip("GET / HTTP/1.1\r\nHost: ", Refused::headerTimeout);
    drip("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n",
         Refused::bodyTimeout);
    RawClient silent(server.port());
    CHECK(silent.closed());
    CHECK(refused(server, Refused::idleTimeout) == 1);
    RawClient kept(server.port());
    CHECK(kept.get("/")->status == 200);
    CHECK(kept.closed());
    CHECK(refused(server, Refused::idleTimeout) == 2);
}

TEST_CASE("beyond connectionsPerAddressMax an address is refused, and another is not") {
    for (const int threads : {1, 2}) {
        EchoServer server([&](Options& options) {
            options.threads = threads;
            options.connectionsPerAddressMax = 3;
        });
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 3; ++i) {
            clients.push_back(std::make_unique<RawClient>(server.port()));
            CHECK(clients.back()->get("/")->status == 200);
        }
        RawClient fourth(server.port());
        const auto answer = fourth.response();
        REQUIRE(answer);
        CHECK(answer->status == 429);
        CHECK(answer->header("retry-after") == "1");
        CHECK(answer->body.find("limit_reached") != std::string::npos);
        CHECK(fourth.closed());
        CHECK(refused(server, Refused::addressLimit) == 1);
        CHECK(RawClient(server.port(), true).get("/")->status == 200);  // ::1 is another address
        CHECK(clients[0]->get("/")->status == 200);

        // A connection that ends makes room, and a WebSocket counts as long as it lives.
        CHECK(clients[1]->upgrade(kWebSocket) == 101);
        clients[0].reset();
        REQUIRE(EchoServer::until([&] { return server.server->counters().connectionsOpen == 2; }));
        RawClient again(server.port());
        CHECK(again.get("/")->status == 200);
        CHECK(RawClient(server.port()).response()->status == 429);
    }
}

TEST_CASE("without a limit for each address nothing is counted") {
    EchoServer server([](Options& options) { options.connectionsPerAddressMax = 0; });
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        CHECK(clients.back()->get("/")->status == 200);
    }
}

TEST_CASE("a slow WebSocket that reads again gets the reason why it was closed") {
    EchoServer server([](Options& options) {
        options.outboxBytesMax = 200'000;
        options.engineio.stalled = milliseconds(1500);
    });
    RawClient client(server.port(), false, 4096);
    REQUIRE(client.upgrade(kWebSocket) == 101);
    REQUIRE(client.frame());
    pour(server, 1, 8'000'000);
    pour(server, 100, 1'000, true);
    CHECK(server.server->counters().outboxBytes > 1'000'000);
    pour(server, 300, 1'000);
    CHECK(EchoServer::until([&] { return server.server->counters().clientsPaused == 1; }));
    REQUIRE(EchoServer::until([&] { return server.server->counters().slowClientsClosed == 1; }));
    CHECK(server.server->counters().framesDropped == 100);
    CHECK(EchoServer::until([&] { return server.services[0]->closed == 1; }));
    CHECK(EchoServer::until([&] { return server.server->counters().clientsPaused == 0; }));
    // The frame that was begun comes whole, then only the close frame.
    CHECK(client.frame()->payload.size() == 8'000'001);
    const auto close = client.frame();
    REQUIRE(close);
    CHECK(close->closeCode() == 1008);
    CHECK(close->payload.substr(2) == "reads too slowly");
    CHECK(client.closed());
    CHECK(EchoServer::until([&] { return server.server->counters().outboxBytes == 0; }));
}

TEST_CASE("a polling client that stops polling loses droppable frames, then its session") {
    EchoServer server([](Options& options) {
        options.engineio.queueBytesMax = 100'000;
        options.engineio.stalled = milliseconds(1000);
    });
    RawClient client(server.port());
    const std::string sid = sidOf(client.get(kPolling)->body);
    pour(server, 100, 1'000, true);
    CHECK(server.server->counters().framesDropped >= 50);
    CHECK(server.server->counters().slowClientsClosed == 0);
    pour(server, 200, 1'000);
    REQUIRE(EchoServer::until([&] { return server.server->counters().slowClientsClosed == 1; }));
    CHECK(server.services[0]->lastReason == parley::engineio::CloseReason::slowClient);
    const auto answer = client.get(kPolling + "&sid=" + sid);
    CHECK(answer->status == 400);
    CHECK(answer->body.find("Session ID unknown") != std::string::npos);
}

TEST_CASE("a client with too much unsent output is not read until half of its limit is left") {
    EchoServer server([](Options& options) { options.outboxBytesMax = 200'000; });
    RawClient client(server.port(), false, 4096);
    REQUIRE(client.upgrade(kWebSocket) == 101);
    REQUIRE(client.frame());
    pour(server, 40, 300'000);  // more than the kernel takes
    REQUIRE(EchoServer::until([&] { return server.server->counters().clientsPaused == 1; }));
    client.send(textMessage("4echo this"));
    pour(server, 10, 1'000, true);
    CHECK(server.server->counters().framesDropped == 10);
    for (int i = 0; i < 40; ++i) {
        const auto frame = client.frame();
        REQUIRE(frame);
        CHECK(frame->payload.size() == 300'001);
    }
    CHECK(client.frame()->payload == "4echo this");
    CHECK(server.server->counters().clientsPaused == 0);
    CHECK(server.server->counters().slowClientsClosed == 0);
}

TEST_CASE(
    "a client that reads, however slowly, keeps its connection while it is within its limit") {
    EchoServer server([](Options& options) { options.engineio.stalled = milliseconds(1000); });
    RawClient client(server.port(), false, 4096);
    REQUIRE(client.upgrade(kWebSocket) == 101);
    REQUIRE(client.frame());
    pour(server, 30, 30'000);
    for (int i = 0; i < 30; ++i) {
        std::this_thread::sleep_for(milliseconds(100));
        const auto frame = client.frame();
        REQUIRE(frame);
        CHECK(frame->payload.size() == 30'001);
    }
    CHECK(server.server->counters().slowClientsClosed == 0);
}

TEST_CASE(
    "beyond outputBytesMax clients that took nothing for longest end first, then the fullest") {
    EchoServer server([](Options& options) {
        options.outputBytesMax = 30'000'000;
        options.sendBufferBytes = 65'536;
    });
    struct Owed {
        explicit Owed(std::uint16_t port) : client(port, false, 4096) {}
        RawClient client;
        parley::ConnectionId session;
    };
    std::vector<std::unique_ptr<Owed>> owed;
    const auto connect = [&] {
        owed.push_back(std::make_unique<Owed>(server.port()));
        REQUIRE(owed.back()->client.upgrade(kWebSocket) == 101);
        REQUIRE(owed.back()->client.frame());
        server.on(0, [&] { owed.back()->session = server.services[0]->lastSession(); });
    };
    connect();
    pour(server, 10, 500'000);  // the first: longest without taking anything, but not the fullest
    std::this_thread::sleep_for(milliseconds(1300));  // each is looked at once a second
    connect();
    pour(server, 30, 500'000);
    CHECK(server.server->counters().slowClientsClosed == 0);
    std::this_thread::sleep_for(milliseconds(1300));
    connect();
    pour(server, 22, 500'000);
    REQUIRE(EchoServer::until([&] { return server.server->counters().slowClientsClosed == 1; }));
    const auto lives = [&](std::size_t i) {
        bool has = false;
        server.on(0, [&] { has = server.server->loops()[0]->sessions().has(owed[i]->session); });
        return has;
    };
    CHECK_FALSE(lives(0));
    CHECK(lives(1));
    CHECK(lives(2));
    CHECK(server.services[0]->lastReason == parley::engineio::CloseReason::slowClient);
}

TEST_CASE("beyond sessionsMax a handshake gets 503 on both transports, and is counted") {
    EchoServer server([](Options& options) { options.engineio.sessionsMax = 1; });
    auto first = std::make_unique<RawClient>(server.port());
    REQUIRE(first->upgrade(kWebSocket) == 101);
    RawClient polling(server.port());
    CHECK(polling.get(kPolling)->status == 503);
    CHECK(RawClient(server.port()).upgrade(kWebSocket) == 503);
    CHECK(EchoServer::until([&] { return refused(server, Refused::sessionLimit) == 2; }));
    first.reset();
    CHECK(EchoServer::until([&] { return server.server->counters().sessionsOpen == 0; }));
    CHECK(polling.get(kPolling)->status == 200);
}

TEST_CASE("while sessions are refused everything else continues, including new connections") {
    EchoServer server([](Options& options) { options.threads = 2; });
    RawClient socket(server.port());
    REQUIRE(socket.upgrade(kWebSocket) == 101);
    REQUIRE(socket.frame());
    server.server->refuseSessions();
    for (std::size_t loop = 0; loop < 2; ++loop) server.on(loop, [] {});
    CHECK(RawClient(server.port()).get("/")->status == 200);
    CHECK(RawClient(server.port()).get(kPolling)->status == 503);
    CHECK(RawClient(server.port()).upgrade(kWebSocket) == 503);
    socket.send(textMessage("4still here"));
    CHECK(socket.frame()->payload == "4still here");
    CHECK(EchoServer::until([&] { return refused(server, Refused::draining) == 2; }));
}

TEST_CASE("the mailbox's load shows what waits for a loop that is held up") {
    EchoServer server([](Options& options) { options.threads = 2; });
    std::promise<void> started;
    std::promise<void> release;
    Loop* loop = server.server->loops()[1];
    loop->post([&] {
        started.set_value();
        release.get_future().wait();
    });
    started.get_future().wait();
    for (int i = 0; i < 10; ++i) loop->post([] {}, 1'000);
    CHECK(server.server->mailbox().tasks == 10);
    CHECK(server.server->mailbox().bytes == 10'000);
    release.set_value();
    server.on(1, [] {});
    CHECK(EchoServer::until([&] {
        return server.server->mailbox().tasks == 0 && server.server->mailbox().bytes == 0;
    }));
}

TEST_CASE("connections that come and go leave no timers behind") {
    EchoServer server;
    for (int i = 0; i < 3000; ++i) {
        RawClient client(server.port());
        REQUIRE(client.get("/")->status == 200);
        client.reset();  // no TIME_WAIT
    }
    CHECK(EchoServer::until([&] { return server.server->counters().connectionsOpen == 0; }));
    CHECK(server.server->counters().timers <= 1100);
}

TEST_CASE("an IPv6 address counts with its /64, an IPv4 address alone") {
    const auto key = [](const char* ip) {
        return parley::net::AddressTable::keyOf(Poco::Net::IPAddress(std::string(ip)));
    };
    CHECK(key("2001:db8::1") == key("2001:db8::ffff:1"));
    CHECK(key("2001:db8::1") != key("2001:db8:0:1::1"));
    CHECK(key("10.0.0.1") != key("10.0.0.2"));
    CHECK(key("10.0.0.1") == key("::ffff:10.0.0.1"));
    CHECK(key("127.0.0.1") != key("::1"));
}
