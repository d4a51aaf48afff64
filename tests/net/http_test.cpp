#include "net/echo_server.h"
#include "net/http_head.h"
#include "net/raw_client.h"

#include <catch2/catch.hpp>

using namespace parley::net;
using namespace parley::net::test;

TEST_CASE("a request head is accepted or refused as the standard says") {
    EchoServer server;
    struct Row {
        const char* name;
        std::string bytes;
        int status;
    };
    const std::string host = "Host: localhost\r\n";
    const Row rows[] = {
        {"plain", "GET / HTTP/1.1\r\n" + host + "\r\n", 200},
        {"empty lines before it", "\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 200},
        {"absolute form", "GET http://localhost/a?b HTTP/1.1\r\n" + host + "\r\n", 200},
        {"bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400},
        {"bare LF within", "GET / HTTP/1.1\r\nA: b\nHost: localhost\r\n\r\n", 400},
        {"bare CR", "GET / HTTP/1.1\r\nA: b\rc\r\n" + host + "\r\n", 400},
        {"NUL", std::string("GET / HTTP/1.1\r\nA: \0\r\nHost: localhost\r\n\r\n", 33), 400},
        {"folding", "GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n", 400},
        {"space before the colon", "GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n", 400},
        {"line without colon", "GET / HTTP/1.1\r\n" + host + "nothing\r\n\r\n", 400},
        {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
        {"tab in Host", "GET / HTTP/1.1\r\nHost: local\thost\r\n\r\n", 400},
        {"two Authorizations",
         "GET / HTTP/1.1\r\n" + host + "Authorization: a\r\nauthorization: a\r\n\r\n", 400},
        {"two empty Authorizations",
         "GET / HTTP/1.1\r\n" + host + "Authorization:\r\nAuthorization:\r\n\r\n", 400},
        {"tab in Authorization", "GET / HTTP/1.1\r\n" + host + "Authorization: a\tb\r\n\r\n", 200},
        {"two Cookies", "GET / HTTP/1.1\r\n" + host + "Cookie: a=1\r\nCookie: b=2\r\n\r\n", 200},
        {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 200},
        {"HTTP/2.0", "GET / HTTP/2.0\r\n" + host + "\r\n", 505},
        {"no version", "GET /\r\n" + host + "\r\n", 400},
        {"target without slash", "GET x HTTP/1.1\r\n" + host + "\r\n", 400},
        {"space in the target", "GET /a b HTTP/1.1\r\n" + host + "\r\n", 400},
        {"TE and CL",
         "POST / HTTP/1.1\r\n" + host +
             "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n",
         400},
        {"chunked", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         200},
        {"HTTP/1.0 and chunked",
         "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"another coding",
         "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"two lengths",
         "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
        {"signed length", "POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\na", 400},
        {"list of lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1, 1\r\n\r\na", 400},
        {"encoded length", "POST / HTTP/1.1\r\n" + host + "Content-Length: =?utf-8?Q?1?=\r\n\r\na",
         400},
        {"overflowing length",
         "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n", 400},
        {"large length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1000001\r\n\r\n", 413},
        {"long target", "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 414},
        {"long head",
         "GET / HTTP/1.1\r\n" + host + "A: " + std::string(8'000, 'a') +
             "\r\nB: " + std::string(8'000, 'b') + "\r\nC: " + std::string(500, 'c') + "\r\n\r\n",
         431},
        {"unknown expectation", "GET / HTTP/1.1\r\n" + host + "Expect: tea\r\n\r\n", 417},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        RawClient client(server.port());
        client.send(row.bytes);
        const auto response = client.response();
        REQUIRE(response);
        CHECK(response->status == row.status);
        if (row.status != 200) {
            CHECK(response->header("connection") == "close");
            CHECK(client.closed());
        }
    }
}

TEST_CASE("a request with 101 fields is refused and one with 100 is not") {
    EchoServer server;
    std::string fields;
    for (int i = 0; i < 99; ++i) fields += "A: b\r\n";
    RawClient client(server.port());
    CHECK(client.get("/", fields)->status == 200);
    CHECK(client.get("/", fields + "A: b\r\n")->status == 431);
}

TEST_CASE("the service gets a request's credentials as they came, and no other request's") {
    EchoServer server;
    RawClient client(server.port());
    struct Row {
        const char* headers;
        const char* expected;
    };
    const Row rows[] = {
        {"", "|"},
        {"Authorization: Bearer a.b.c\r\n", "Bearer a.b.c|"},
        {"AUTHORIZATION:  =?utf-8?Q?1?= \r\nCookie: a=1; b=2\r\n", "=?utf-8?Q?1?=|a=1; b=2"},
        {"Cookie: a=1\r\nX: y\r\nCookie:\r\ncookie: b=2; c=3\r\n", "|a=1; b=2; c=3"},
        {"Proxy-Authorization: no\r\nSet-Cookie: no\r\n", "|"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.headers);
        CHECK(client.get("/credentials", row.headers)->body == row.expected);
    }
    CHECK(client.post("/credentials", "body", rows[1].headers)->body == rows[1].expected);
    client.sendByteByByte(
        "POST /credentials HTTP/1.1\r\nHost: localhost\r\nCookie: a=1\r\n"
        "Content-Length: 4\r\n\r\nbody");
    CHECK(client.response()->body == "|a=1");
    CHECK(client.get("/credentials")->body == "|");
}

TEST_CASE("Engine.IO's application gets the credentials of a handshake") {
    EchoServer server;
    RawClient polling(server.port());
    REQUIRE(polling.get(kPolling, "Authorization: Bearer p\r\nCookie: a=1\r\n")->status == 200);
    CHECK(server.services[0]->credentials() == "Bearer p|a=1");
    RawClient socket(server.port());
    REQUIRE(socket.upgrade(kWebSocket, {}, "Authorization: Bearer w\r\nCookie: b=2\r\n") == 101);
    REQUIRE(socket.frame());
    CHECK(server.services[0]->credentials() == "Bearer w|b=2");
    REQUIRE(RawClient(server.port()).get(kPolling)->status == 200);
    CHECK(server.services[0]->credentials() == "|");
}

TEST_CASE("a request for a session with somebody else's credentials gets 403 and changes nothing") {
    EchoServer server;
    const std::string other = "Authorization: Bearer other\r\n";
    RawClient polling(server.port());
    const std::string sid = sidOf(polling.get(kPolling)->body);
    const std::string target = kPolling + "&sid=" + sid;
    const std::string forbidden = R"({"code":4,"message":"Forbidden"})";
    CHECK(polling.get(target, other)->body == forbidden);
    const auto posted = polling.post(target, "4no", other);
    CHECK(posted->status == 403);
    CHECK(posted->body == forbidden);

    // One whose body is awaited is answered at once, and the client's own may arrive meanwhile.
    RawClient own(server.port());
    const std::string head = "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n";
    own.send(head + "Content-Length: 5\r\n\r\n4y");
    RawClient slow(server.port());
    slow.send(head + other + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n");
    CHECK(slow.response()->body == forbidden);
    CHECK(slow.closed());
    RawClient socket(server.port());
    CHECK(socket.upgrade(kWebSocket + "&sid=" + sid, {}, other) == 403);
    own.send("es!");
    CHECK(own.response()->body == "ok");
    CHECK(polling.get(target)->body == "4yes!");
    CHECK(server.services[0]->closed == 0);
    const auto refused = [&] {
        return server.server->counters().refused[static_cast<std::size_t>(Refused::credentials)];
    };
    CHECK(EchoServer::until([&] { return refused() == 4; }));
    CHECK(refusedName(Refused::credentials) == "credentials");
}

TEST_CASE("what proxies say of the client is kept in the order of the proxies") {
    const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    const auto parsed = parseHead(request +
                                      "X-Forwarded-For: 192.0.2.1, 198.51.100.7\r\n"
                                      "X-Forwarded-Proto: https\r\nX-Forwarded-Host: no\r\n"
                                      "x-forwarded-for: 2001:db8::1\r\n"
                                      "X-Forwarded-Proto: http\r\n\r\n",
                                  {});
    REQUIRE(std::holds_alternative<RequestHead>(parsed));
    const RequestHead& head = std::get<RequestHead>(parsed);
    CHECK(head.forwardedFor == "192.0.2.1, 198.51.100.7, 2001:db8::1");
    CHECK(head.forwardedProto == "https, http");
    const auto without = parseHead(request + "\r\n", {});
    REQUIRE(std::holds_alternative<RequestHead>(without));
    CHECK(std::get<RequestHead>(without).forwardedFor.empty());
    CHECK(std::get<RequestHead>(without).forwardedProto.empty());
}

TEST_CASE("a response has its length, and no header that would split it") {
    EchoServer server;
    RawClient client(server.port());
    const auto response = client.post("/a/b?c=d", "body");
    REQUIRE(response);
    CHECK(response->body == "POST /a/b?c=d body");
    CHECK(response->header("x-test") == "yes");
    CHECK(response->header("x-bad") == "");
    CHECK(response->header("injected") == "");
    CHECK(response->header("date").size() == 29);
    CHECK(client.get("/second")->body == "GET /second? ");
}

TEST_CASE("a request may arrive byte by byte") {
    EchoServer server;
    RawClient client(server.port());
    client.sendByteByByte("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
    CHECK(client.response()->body == "POST /slow? abc");
}

TEST_CASE("pipelined requests are answered in their order") {
    EchoServer server;
    RawClient client(server.port());
    const std::string rest = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    std::string all = "GET /later/30" + rest;
    for (int i = 0; i < 40; ++i) all += "GET /" + std::to_string(i) + rest;
    client.send(all);
    CHECK(client.response()->body == "later");
    for (int i = 0; i < 40; ++i) {
        const auto response = client.response();
        REQUIRE(response);
        CHECK(response->body == "GET /" + std::to_string(i) + "? ");
    }
}

TEST_CASE("a poll and the post that ends it may be pipelined on one connection") {
    EchoServer server;
    RawClient client(server.port());
    const std::string target = kPolling + "&sid=" + sidOf(client.get(kPolling)->body);
    client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\nPOST " + target +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n4hello");
    CHECK(client.response()->body == "4hello");
    CHECK(client.response()->body == "ok");
}

TEST_CASE("HEAD is answered as GET without the body") {
    EchoServer server;
    RawClient client(server.port());
    client.send("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto response = client.response(true);
    REQUIRE(response);
    CHECK(response->header("content-length") == std::to_string(std::string("GET /x? ").size()));
    CHECK(client.get("/y")->body == "GET /y? ");
}

TEST_CASE("the Connection header decides whether the connection stays open") {
    EchoServer server;
    struct Row {
        const char* version;
        const char* header;
        bool stays;
    };
    const Row rows[] = {{"1.1", "", true},
                        {"1.1", "Connection: close\r\n", false},
                        {"1.0", "", false},
                        {"1.0", "Connection: keep-alive\r\n", true}};
    for (const Row& row : rows) {
        CAPTURE(row.version, row.header);
        RawClient client(server.port());
        client.send(std::string("GET / HTTP/") + row.version + "\r\nHost: localhost\r\n" +
                    row.header + "\r\n");
        CHECK(client.response()->status == 200);
        if (row.stays) {
            CHECK(client.get("/again")->status == 200);
        } else {
            CHECK(client.closed());
        }
    }
}

TEST_CASE("a client that waits for 100 Continue gets it, and not when the body is refused") {
    EchoServer server;
    RawClient client(server.port());
    client.send(
        "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.response()->status == 100);
    client.send("ab");
    CHECK(client.response()->body == "POST /? ab");
    client.send(
        "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
        "9999999\r\n\r\n");
    CHECK(client.response()->status == 413);
}

TEST_CASE("CORS answers as the cors package does") {
    const std::string origin = "Origin: http://shop.example\r\n";
    const std::string preflight =
        " HTTP/1.1\r\nHost: localhost\r\n" + origin +
        "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-a,x-b\r\n\r\n";
    SECTION("any origin") {
        EchoServer server([](Options& options) { options.corsOrigins = {"*"}; });
        for (const std::string& target : {kPolling, std::string("/chat/messages")}) {
            RawClient client(server.port());
            client.send("OPTIONS " + target + preflight);
            const auto response = client.response();
            REQUIRE(response);
            CHECK(response->status == 204);
            CHECK(response->header("access-control-allow-origin") == "*");
            CHECK(response->header("access-control-allow-methods") ==
                  "GET,HEAD,PUT,PATCH,POST,DELETE");
            CHECK(response->header("access-control-allow-headers") == "x-a,x-b");
            CHECK(response->header("content-length") == "0");
            CHECK(client.get(target, origin)->header("access-control-allow-origin") == "*");
        }
    }
    SECTION("a list of origins") {
        EchoServer server([](Options& options) { options.corsOrigins = {"http://shop.example"}; });
        RawClient client(server.port());
        const auto good = client.get(kPolling, origin);
        CHECK(good->header("access-control-allow-origin") == "http://shop.example");
        CHECK(good->header("vary") == "Origin");
        const auto bad = client.get("/", "Origin: http://evil.example\r\n");
        CHECK(bad->status == 403);
        CHECK(bad->header("access-control-allow-origin") == "");
        CHECK(bad->header("vary") == "Origin");
    }
    SECTION("an encoded line break is not echoed") {
        EchoServer server([](Options& options) { options.corsOrigins = {"a\r\nX: b", "*"}; });
        RawClient client(server.port());
        client.send(
            "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nAccess-Control-Request-Headers: "
            "=?utf-8?Q?a=0D=0AX:_b?=\r\n\r\n");
        const auto response = client.response();
        REQUIRE(response);
        CHECK(response->header("x") == "");
        CHECK(response->header("access-control-allow-headers") == "");
    }
    SECTION("none") {
        EchoServer server([](Options& options) { options.corsOrigins.clear(); });
        RawClient client(server.port());
        const auto response = client.get("/", origin);
        CHECK(response->status == 403);
        CHECK(response->header("access-control-allow-origin") == "");
        CHECK(response->header("vary") == "Origin");  // another page would get another answer
    }
}

TEST_CASE("time limits end stalled requests") {
    EchoServer server([](Options& options) {
        options.headerTimeout = std::chrono::milliseconds(50);
        options.bodyTimeout = std::chrono::milliseconds(60);
        options.idleTimeout = std::chrono::milliseconds(80);
    });
    SECTION("head") {
        RawClient client(server.port());
        client.send("GET / HT");
        CHECK(client.response()->status == 408);
        CHECK(client.closed());
    }
    SECTION("body") {
        RawClient client(server.port());
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nab");
        CHECK(client.response()->status == 408);
        CHECK(client.closed());
    }
    SECTION("idle") {
        RawClient client(server.port());
        CHECK(client.get("/")->status == 200);
        CHECK(client.closed());
    }
    SECTION("no request at all") {
        RawClient client(server.port());
        CHECK(client.closed());
    }
    SECTION("but not requests whose answer takes long") {
        RawClient client(server.port());
        CHECK(client.get("/later/300")->body == "later");
    }
}

TEST_CASE("a client that goes away before the answer is reported") {
    EchoServer server;
    {
        RawClient client(server.port());
        client.send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
        REQUIRE(EchoServer::until([&] { return server.services[0]->waiting == 1; }));
        client.reset();
    }
    CHECK(EchoServer::until([&] { return server.services[0]->aborted == 1; }));
    CHECK(EchoServer::until([&] { return server.server->counters().connectionsOpen == 0; }));
}

TEST_CASE("a client that ends its side still gets the answer it waits for") {
    EchoServer server;
    RawClient client(server.port());
    client.send("GET /later/20 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.endSending();
    CHECK(client.response()->body == "later");
    CHECK(client.closed());
}

TEST_CASE("a client that goes away during a poll ends its session") {
    EchoServer server;
    RawClient first(server.port());
    const std::string sid = sidOf(first.get(kPolling)->body);
    {
        RawClient poll(server.port());
        poll.send("GET " + kPolling + "&sid=" + sid +
                  " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        CHECK(poll.silent());
    }
    CHECK(EchoServer::until([&] { return server.services[0]->closed == 1; }));
    CHECK(first.get(kPolling + "&sid=" + sid)->status == 400);
}

TEST_CASE("a large response reaches a client that reads slowly") {
    EchoServer server;
    RawClient client(server.port(), false, 4096);
    CHECK(client.get("/big/3000000")->body.size() == 3'000'000);
}

// Found by fuzzing: it was refused as too long if it came in pieces, and accepted in one.
TEST_CASE("the longest request line that is allowed is accepted, also byte by byte") {
    EchoServer server([](Options& options) { options.httpUriBytesMax = 200; });
    const std::string method(31, 'M');
    for (const std::size_t bytes : {200, 201}) {
        const std::string target = "/" + std::string(bytes - 1, 'a');
        RawClient client(server.port());
        client.sendByteByByte(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(client.response()->status == (bytes == 200 ? 200 : 414));
    }
}

TEST_CASE("empty lines before a request are ignored, also byte by byte") {
    EchoServer server;
    RawClient client(server.port());
    for (int i = 0; i < 2; ++i) {
        client.sendByteByByte("\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(client.response()->status == 200);
    }
}
