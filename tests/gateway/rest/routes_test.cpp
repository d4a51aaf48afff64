#include "gateway/rest/routes.h"

#include <parley/gateway/calls/wire_request.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace parley;

namespace {

std::string patternFor(std::string_view method, std::vector<std::string> path) {
    const auto route = findRoute(method, path);
    return route ? std::string((*route)->pattern) : std::string(route.error().name());
}

std::string nameOf(const RestRoute& route) {
    return std::string(route.method) + " " + std::string(route.pattern);
}

std::set<std::string> routes() {
    std::set<std::string> names;
    for (const auto& route : restRoutes()) names.insert(nameOf(route));
    return names;
}

/// The first cells of docs/wire.md's table of routes.
std::set<std::string> documented() {
    std::ifstream file(std::string(PARLEY_SOURCE_DIR) + "/docs/wire.md");
    static const std::regex row("^\\| `((?:GET|POST) [^`]+)` \\|.*");
    std::set<std::string> names;
    std::smatch found;
    for (std::string line; std::getline(file, line);) {
        if (std::regex_match(line, found, row)) names.insert(found[1]);
    }
    return names;
}

}  // namespace

TEST_CASE("a route is found by its method and its path") {
    CHECK(patternFor("GET", {"healthz"}) == "/healthz");
    CHECK(patternFor("GET", {"chat", "conversations"}) == "/chat/conversations");
    CHECK(patternFor("GET", {"chat", "conversations", "c1"}) == "/chat/conversations/:id");
    CHECK(patternFor("POST", {"chat", "conversations", "c1", "leave"}) ==
          "/chat/conversations/:id/leave");
}

TEST_CASE("a path that is a route of two methods is each one's own") {
    CHECK(patternFor("POST", {"chat", "conversations", "start"}) == "/chat/conversations/start");
    CHECK(patternFor("GET", {"chat", "conversations", "start"}) == "/chat/conversations/:id");
}

TEST_CASE("a path of another method's route is told from one that does not exist") {
    CHECK(patternFor("DELETE", {"chat", "conversations"}) == "method_not_allowed");
    CHECK(patternFor("GET", {"chat", "messages"}) == "method_not_allowed");
    CHECK(patternFor("GET", {"chat"}) == "not_found");
    CHECK(patternFor("GET", {"chat", "conversations", "c1", "messages", "last"}) == "not_found");
    CHECK(patternFor("GET", {}) == "not_found");
}

TEST_CASE("a handler finds the segments that its pattern names") {
    const std::string_view pattern = "/chat/conversations/:id/messages/last/:n";
    const RestCall call{.http = {},
                        .target = {{"chat", "conversations", "c1", "messages", "last", "20"}, {}},
                        .pattern = pattern};
    CHECK(call.parameter(":id") == "c1");
    CHECK(call.parameter(":n") == "20");
    CHECK_FALSE(segmentOf(pattern, ":other"));
}

TEST_CASE("docs/wire.md shows the routes as they are") {
    CHECK(documented() == routes());
}

TEST_CASE("the REST twin of each request is a route") {
    const auto known = routes();
    int twins = 0;
    for (const auto& request : wireRequests()) {
        if (request.restRoute.empty()) continue;
        ++twins;
        CAPTURE(request.name);
        CHECK(known.contains(std::string(request.restRoute)));
    }
    CHECK(twins >= 4);
}

TEST_CASE("every route but those of operators counts against a rate") {
    const std::set<std::string> free{"GET /healthz", "GET /readyz", "GET /metrics"};
    for (const auto& route : restRoutes()) {
        CAPTURE(nameOf(route));
        CHECK(route.rate.has_value() == !free.contains(nameOf(route)));
        if (route.rate && route.method == "GET") CHECK(*route.rate == RateClass::reads);
    }
}
