#include "net/trusted_proxies.h"

#include "net/address_table.h"
#include "net/echo_server.h"
#include "net/raw_client.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::net;
using namespace parley::net::test;
using Poco::Net::IPAddress;

namespace {

ClientAddress addressOf(const char* ip) {
    return AddressTable::keyOf(IPAddress(std::string(ip)));
}

std::string clientOf(RawClient& client, const std::string& headers) {
    const auto response = client.get("/client", headers);
    return response ? response->body : "no answer";
}

std::string shown(const char* ip) {
    return std::to_string(addressOf(ip).value);
}

}  // namespace

TEST_CASE("a trusted proxy is an address or a network, and nothing else") {
    for (const char* good : {"192.0.2.1", "10.0.0.0/8", "10.1.2.3/8", "0.0.0.0/0", "::1", "::/0",
                             "2001:db8::/32", "::ffff:192.0.2.1", "192.0.2.1/32"}) {
        CAPTURE(good);
        CHECK(checkProxy(good).ok());
    }
    for (const char* bad :
         {"", "local", "proxy.example", "*", "10", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1",
          "10.0.0.0/+8", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/8 ", "2001:db8::/129", "/8",
          "[::1]", "10.0.0.1:80", "::ffff:10.0.0.0/104"}) {
        CAPTURE(bad);
        const auto result = checkProxy(bad);
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().code == ErrorCode::invalid_setting);
    }
}

TEST_CASE("a network holds the addresses that begin as it does") {
    const TrustedProxies proxies({"10.1.2.3/12", "192.0.2.7", "2001:db8::/33"});
    for (const char* in : {"10.0.0.0", "10.15.255.255", "192.0.2.7", "::ffff:192.0.2.7",
                           "::ffff:10.0.0.1", "2001:db8::1", "2001:db8:7fff:ffff::"}) {
        CAPTURE(in);
        CHECK(proxies.contains(IPAddress(std::string(in))));
    }
    for (const char* out : {"10.16.0.0", "11.0.0.0", "192.0.2.8", "::1", "::10.0.0.1",
                            "2001:db8:8000::", "2001:db9::"}) {
        CAPTURE(out);
        CHECK_FALSE(proxies.contains(IPAddress(std::string(out))));
    }
    CHECK_FALSE(TrustedProxies({}).contains(IPAddress("127.0.0.1")));
    CHECK(TrustedProxies({"0.0.0.0/0"}).contains(IPAddress("203.0.113.9")));
    CHECK_FALSE(TrustedProxies({"0.0.0.0/0"}).contains(IPAddress("::1")));
}

TEST_CASE("the client is the last address that is no trusted proxy") {
    const TrustedProxies proxies({"10.0.0.0/8", "::1"});
    struct Row {
        const char* forwardedFor;
        const char* client;  // empty: none
    };
    const Row rows[] = {
        {"", ""},
        {"192.0.2.1", "192.0.2.1"},
        {"198.51.100.1, 192.0.2.1", "192.0.2.1"},
        {"10.0.0.9,192.0.2.1 ,\t10.0.0.1", "192.0.2.1"},
        {"192.0.2.1, 10.0.0.1, ::1", "192.0.2.1"},
        {"2001:db8::5", "2001:db8::5"},
        {"[2001:db8::5]:4711", "2001:db8::5"},
        {"[2001:db8::5]", "2001:db8::5"},
        {"192.0.2.1:4711", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"10.0.0.1, 10.0.0.2", ""},
        {"192.0.2.1, unknown", ""},
        {"192.0.2.1, unknown, 10.0.0.1", ""},
        {"192.0.2.1,", ""},
        {",", ""},
        {"192.0.2.1 10.0.0.1", ""},
        {"192.0.2", ""},
        {"2001:db8::5:", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.forwardedFor);
        const auto client = proxies.clientIn(row.forwardedFor);
        CHECK((client ? client->toString() : "") == row.client);
    }
}

TEST_CASE("trusted proxies ask for nobody else where all addresses are theirs") {
    const TrustedProxies proxies({"10.0.0.0/8", "::1"});
    CHECK(proxies.areAll("10.0.0.1"));
    CHECK(proxies.areAll("10.0.0.1, [::1]:80 ,10.9.9.9"));
    for (const char* other : {"", ",", "10.0.0.1,", "192.0.2.1, 10.0.0.1", "10.0.0.1, 192.0.2.1",
                              "unknown", "10.0.0.1, unknown"}) {
        CAPTURE(other);
        CHECK_FALSE(proxies.areAll(other));
    }
}

TEST_CASE("only a trusted proxy is believed when it names its client") {
    const std::string header = "X-Forwarded-For: 198.51.100.9, 192.0.2.1\r\n";
    SECTION("a trusted one") {
        EchoServer server([](Options& options) { options.trustedProxies = {"127.0.0.0/8"}; });
        RawClient proxy(server.port());
        CHECK(clientOf(proxy, header) == shown("192.0.2.1"));
        CHECK(clientOf(proxy, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n") ==
              shown("192.0.2.2"));
        CHECK(clientOf(proxy, "") == shown("127.0.0.1"));
        REQUIRE(proxy.get(kPolling, header)->status == 200);
        CHECK(server.services[0]->client() == addressOf("192.0.2.1"));
        RawClient socket(server.port());
        REQUIRE(socket.upgrade(kWebSocket, {}, "X-Forwarded-For: 2001:db8::7\r\n") == 101);
        REQUIRE(socket.frame());
        CHECK(server.services[0]->client() == addressOf("2001:db8::7"));
        RawClient direct(server.port(), true);
        CHECK(clientOf(direct, header) == shown("::1"));
    }
    SECTION("another") {
        EchoServer server([](Options& options) { options.trustedProxies = {"10.0.0.0/8"}; });
        RawClient client(server.port());
        CHECK(clientOf(client, header) == shown("127.0.0.1"));
    }
}

TEST_CASE("the connections of a trusted proxy are not counted as one address's") {
    EchoServer server([](Options& options) {
        options.connectionsPerAddressMax = 1;
        options.trustedProxies = {"127.0.0.1"};
    });
    RawClient first(server.port());
    RawClient second(server.port());
    CHECK(first.get("/")->status == 200);
    CHECK(second.get("/")->status == 200);
    RawClient direct(server.port(), true);
    CHECK(direct.get("/")->status == 200);
    CHECK(RawClient(server.port(), true).response()->status == 429);
    first.reset();
    direct.reset();
    REQUIRE(EchoServer::until([&] { return server.server->counters().connectionsOpen == 1; }));
    CHECK(RawClient(server.port(), true).get("/")->status == 200);
}
