#include "net/echo_server.h"
#include "net/raw_client.h"

#include <catch2/catch.hpp>

#include <chrono>

using namespace parley::net;
using namespace parley::net::test;

namespace {

/// Each of them once: RawResponse joins what comes twice.
void checkWebHeaders(const std::optional<RawResponse>& response) {
    REQUIRE(response);
    CHECK(response->header("x-content-type-options") == "nosniff");
    CHECK(response->header("cache-control") == "no-store");
    CHECK(response->header("content-security-policy") == "default-src 'none'");
    CHECK(response->header("referrer-policy") == "no-referrer");
}

}  // namespace

TEST_CASE("every answer tells browsers not to guess, keep, run or pass it on") {
    EchoServer server(
        [](Options& options) { options.headerTimeout = std::chrono::milliseconds(200); });
    struct Row {
        const char* name;
        std::string request;
        int status;
    };
    const std::string head = " HTTP/1.1\r\nHost: localhost\r\n";
    const std::string noSuchSession = kPolling + "&sid=none";
    std::string version8 = handshake(kWebSocket);
    version8.replace(version8.find("Version: 13"), 11, "Version: 8");
    const Row rows[] = {
        {"a service's", "GET /a" + head + "\r\n", 200},
        {"a large one", "GET /big/100000" + head + "\r\n", 200},
        {"HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n", 200},
        {"a preflight's", "OPTIONS /a" + head + "Origin: http://localhost:1\r\n\r\n", 204},
        {"a handshake's", "GET " + kPolling + head + "\r\n", 200},
        {"Engine.IO's refusal", "GET " + noSuchSession + head + "\r\n", 400},
        {"a refused WebSocket", handshake(kWebSocket + "&sid=none"), 400},
        {"no version of WebSocket that is known", version8, 426},
        {"a malformed head", "GET /a" + head + "no colon\r\n\r\n", 400},
        {"a page that is not allowed", "GET /a" + head + "Origin: http://evil.example\r\n\r\n",
         403},
        {"a header that does not arrive", "GET /a", 408},
        {"a large body", "POST /a" + head + "Content-Length: 1000001\r\n\r\n", 413},
        {"a long target", "GET /" + std::string(9'000, 'a') + head + "\r\n", 414},
        {"another host", "GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
        {"a large head", "GET /a" + head + "A: " + std::string(8'192, 'a') + "\r\n\r\n", 431},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        RawClient client(server.port());
        client.send(row.request);
        const auto response = client.response();
        REQUIRE(response);
        CHECK(response->status == row.status);
        checkWebHeaders(response);
    }
}

TEST_CASE("the answers without a request, or without a body, have these headers too") {
    EchoServer server([](Options& options) { options.connectionsPerAddressMax = 1; });
    RawClient first(server.port());
    first.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    checkWebHeaders(first.response(true));
    const auto tooMany = RawClient(server.port()).response();
    REQUIRE(tooMany);
    CHECK(tooMany->status == 429);
    checkWebHeaders(tooMany);
}
