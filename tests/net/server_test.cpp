#include "net/echo_server.h"
#include "net/raw_client.h"

#include <catch2/catch.hpp>

#include <ctime>
#include <mutex>
#include <sys/resource.h>

using namespace parley::net;
using namespace parley::net::test;
using std::chrono::milliseconds;

namespace {

/// Sends `count` frames of `bytes` to the newest session, a turn each.
void pour(EchoServer& server, int count, std::size_t bytes, bool droppable) {
    const auto session = server.services[0]->lastSession();
    for (int i = 0; i < count; ++i) {
        server.on(0, [&] {
            parley::engineio::FrameBuilder builder;
            builder.out() += packet(bytes, droppable ? 'd' : 'k');
            server.server->loops()[0]->sessions().send(session, builder.finish(droppable));
        });
    }
}

double threadsCpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

TEST_CASE("localhost listens on both loopbacks with one port") {
    EchoServer server;
    CHECK(RawClient(server.port()).get("/")->status == 200);
    CHECK(RawClient(server.port(), true).get("/")->status == 200);
}

TEST_CASE("every form of address is understood") {
    for (const char* host : {"127.0.0.1", "::1", "[::1]", "0.0.0.0", "::"}) {
        CAPTURE(host);
        EchoServer server([&](Options& options) { options.host = host; });
        const bool ipv6 = std::string(host).find(':') != std::string::npos;
        CHECK(RawClient(server.port(), ipv6).get("/")->status == 200);
    }
}

TEST_CASE("an address in use or unknown is refused by name") {
    EchoServer server;
    const parley::SystemClock clock;
    Options options;
    options.port = server.port();
    const auto factory = [](Loop& loop) { return std::make_unique<EchoService>(loop); };
    const auto taken = Server::listen(options, clock, factory);
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().message.find("127.0.0.1:" + std::to_string(server.port())) !=
          std::string::npos);
    CHECK(taken.error().message.find("in use") != std::string::npos);
    options.host = "no.such.host.invalid";
    const auto unknown = Server::listen(options, clock, factory);
    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.error().message.find("no.such.host.invalid") != std::string::npos);
}

TEST_CASE("a request for a session of another loop moves its connection there") {
    EchoServer server([](Options& options) { options.threads = 2; });
    // Connections go to the loops in turn, so one of these two is not on the session's loop.
    for (int i = 0; i < 2; ++i) {
        RawClient first(server.port());
        const std::string sid = sidOf(first.get(kPolling)->body);
        RawClient a(server.port());
        RawClient b(server.port());
        const std::string target = kPolling + "&sid=" + sid;
        a.sendByteByByte("POST " + target +
                         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n4one");
        CHECK(a.response()->body == "ok");
        CHECK(b.get(target)->body == "4one");
        // Plain requests and the move may be pipelined; the answers keep their order.
        b.send("GET /later/20 HTTP/1.1\r\nHost: localhost\r\n\r\nPOST " + target +
               " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n4two");
        CHECK(b.response()->body == "later");
        CHECK(b.response()->body == "ok");
        CHECK(a.get(target)->body == "4two");
        RawClient socket(server.port());
        REQUIRE(socket.upgrade(kWebSocket + "&sid=" + sid, textMessage("2probe")) == 101);
        CHECK(socket.frame()->payload == "3probe");
        socket.send(textMessage("5") + textMessage("4three"));
        CHECK(socket.frame()->payload == "4three");
    }
    CHECK(server.services[0]->opened + server.services[1]->opened == 2);
}

TEST_CASE("tasks posted to a loop run once each, in order") {
    EchoServer server;
    std::mutex mutex;
    std::vector<std::pair<int, int>> ran;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 500; ++i) {
                server.server->loops()[0]->post([&, thread, i] {
                    const std::lock_guard lock(mutex);
                    ran.emplace_back(thread, i);
                });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    server.on(0, [] {});
    REQUIRE(ran.size() == 2000);
    int next[4] = {};
    for (const auto& [thread, i] : ran) CHECK(next[thread]++ == i);
}

TEST_CASE("timers run in the order of their times") {
    EchoServer server;
    std::string order;
    std::atomic<bool> done{false};
    server.on(0, [&] {
        Loop* loop = server.server->loops()[0];
        loop->after(milliseconds(30), [&] { order += 'c', done = true; });
        loop->after(milliseconds(10), [&] { order += 'a'; });
        loop->after(milliseconds(10), [&] { order += 'b'; });
    });
    REQUIRE(EchoServer::until([&] { return done.load(); }));
    CHECK(order == "abc");
}

TEST_CASE("a failing task does not end the loop") {
    EchoServer server;
    server.server->loops()[0]->post([] { throw std::runtime_error("test"); });
    CHECK(RawClient(server.port()).get("/")->status == 200);
}

TEST_CASE("a slow reader first loses droppable frames, and in time its connection") {
    EchoServer server([](Options& options) {
        options.outboxBytesMax = 200'000;
        options.engineio.stalled = milliseconds(4000);
    });
    RawClient client(server.port(), false, 4096);
    REQUIRE(client.upgrade(kWebSocket) == 101);
    REQUIRE(client.frame());
    pour(server, 1, 8'000'000, false);  // one large frame alone is no reason to close
    pour(server, 400, 1'000, true);     // more than the limit, but nothing that must arrive
    CHECK(server.server->counters().slowClientsClosed == 0);
    pour(server, 100, 1'000, false);
    CHECK(server.server->counters().slowClientsClosed == 0);
    CHECK(client.frame()->payload.size() == 8'000'001);
    int kept = 0;
    int droppable = 0;
    while (kept < 100) {
        const auto frame = client.frame();
        REQUIRE(frame);
        ++(frame->payload[1] == 'k' ? kept : droppable);
    }
    CHECK(droppable < 400);
    pour(server, 1, 8'000'000, false);
    pour(server, 400, 1'000, false);
    const auto ended = [&] { return server.services[0]->closed == 1; };
    CHECK((EchoServer::until(ended) || EchoServer::until(ended)));
    CHECK(server.server->counters().slowClientsClosed == 1);
    CHECK(server.services[0]->lastReason == parley::engineio::CloseReason::slowClient);
}

TEST_CASE("more output than the limit in one turn does not hurt a client that reads") {
    EchoServer server([](Options& options) { options.outboxBytesMax = 10'000; });
    RawClient client(server.port());
    REQUIRE(client.upgrade(kWebSocket) == 101);
    REQUIRE(client.frame());
    const auto session = server.services[0]->lastSession();
    server.on(0, [&] {
        for (int i = 0; i < 500; ++i) {
            server.server->loops()[0]->sessions().send(
                session, parley::engineio::textFrame(packet(100, 'x')));
        }
    });
    for (int i = 0; i < 500; ++i) REQUIRE(client.frame()->payload.size() == 101);
    CHECK(server.server->counters().slowClientsClosed == 0);
}

TEST_CASE("beyond connectionsMax accepting pauses and resumes when there is room") {
    EchoServer server([](Options& options) { options.connectionsMax = 2; });
    auto a = std::make_unique<RawClient>(server.port());
    RawClient b(server.port());
    CHECK(a->get("/")->status == 200);
    CHECK(b.get("/")->status == 200);
    RawClient c(server.port());
    c.send("GET /c HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(c.silent());
    CHECK(server.server->counters().acceptPauses >= 1);
    a.reset();
    CHECK(c.response()->body == "GET /c? ");
}

TEST_CASE("when descriptors run out accepting pauses and resumes later") {
    EchoServer server;
    RawClient waiting(server.port());
    CHECK(waiting.get("/")->status == 200);
    // The lowest free descriptor tells how many are open; with that limit no other can be opened.
    const int free = ::dup(0);
    ::close(free);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    // The client takes the last descriptor, so that the server has none left.
    const rlimit tight{static_cast<rlim_t>(free) + 1, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    RawClient late(server.port());
    late.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const bool silent = late.silent();
    const bool others = waiting.get("/other").has_value();
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(silent);
    CHECK(others);
    CHECK(server.server->counters().acceptPauses >= 1);
    CHECK(late.response()->body == "GET /late? ");
}

TEST_CASE("idle, half-closed and stalled connections cost no CPU") {
    EchoServer server;
    RawClient idle(server.port());
    REQUIRE(idle.upgrade(kWebSocket) == 101);
    RawClient halfClosed(server.port());
    halfClosed.send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
    RawClient stalled(server.port(), false, 4096);
    stalled.send("GET /big/9000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    RawClient piled(server.port());
    for (int i = 0; i < 40; ++i) piled.send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(EchoServer::until([&] { return server.services[0]->waiting == 17; }));
    halfClosed.endSending();
    piled.endSending();
    server.on(0, [] {});
    const double before = threadsCpuSeconds();
    std::this_thread::sleep_for(milliseconds(400));
    // A loop that spins would use all of the 400 ms; the margin is wide on purpose.
    CHECK(threadsCpuSeconds() - before < 0.2);
}

TEST_CASE("stopping closes WebSockets with 1001, answers polls and then the sockets") {
    EchoServer server([](Options& options) { options.threads = 2; });
    RawClient socket(server.port());
    REQUIRE(socket.upgrade(kWebSocket) == 101);
    REQUIRE(socket.frame());
    RawClient poll(server.port());
    const std::string sid = sidOf(poll.get(kPolling)->body);
    poll.send("GET " + kPolling + "&sid=" + sid + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(poll.silent());
    RawClient idle(server.port());
    CHECK(idle.get("/")->status == 200);
    RawClient working(server.port());
    working.send("GET /later/100 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(working.silent(30));
    std::thread stopper([&] { server.server->stop(milliseconds(5000)); });
    const auto close = socket.frame();
    const auto answered = poll.response();
    const auto worked = working.response();
    const bool idleClosed = idle.closed();
    const bool socketClosed = socket.closed();
    CHECK(close.has_value());
    if (close) CHECK(close->closeCode() == 1001);
    CHECK(answered.has_value());
    if (answered) CHECK(answered->status == 200);
    CHECK(worked.has_value());
    if (worked) CHECK(worked->body == "later");
    CHECK(idleClosed);
    CHECK(socketClosed);
    stopper.join();
    CHECK(server.server->counters().connectionsOpen == 0);
    server.server->stop(milliseconds(0));
}

TEST_CASE("stopping ends at its deadline even when clients do not read") {
    EchoServer server;
    RawClient stalled(server.port(), false, 4096);
    stalled.send("GET /big/9000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    RawClient waiting(server.port());
    waiting.send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(EchoServer::until([&] { return server.services[0]->waiting == 1; }));
    server.server->stop(milliseconds(50));
    CHECK(server.server->counters().connectionsOpen == 0);
    CHECK(server.services[0]->aborted == 1);
}

TEST_CASE("after stopAccepting existing connections continue and new ones are refused") {
    EchoServer server;
    RawClient client(server.port());
    CHECK(client.get("/")->status == 200);
    server.server->stopAccepting();
    server.on(0, [] {});
    CHECK(client.get("/")->status == 200);
    CHECK_THROWS(RawClient(server.port()));
}
