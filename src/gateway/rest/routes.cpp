#include "gateway/rest/routes.h"

#include <parley/core/check.h>

#include <algorithm>
#include <iterator>

namespace parley {
namespace {

// Those that are no twin of a command. Of the queries, domain/requests.def names the twins too; a
// test compares the two.
constexpr RouteAccess kEverybody{.who = RouteAccess::Who::everybody};
constexpr RouteAccess kAsked{.who = RouteAccess::Who::asked};
constexpr RouteAccess permitted(ServerAction action) {
    return {.who = RouteAccess::Who::permitted, .action = action};
}
constexpr RouteAccess inside(ServerAction action) {
    return {.who = RouteAccess::Who::permitted, .action = action, .inside = true};
}

constexpr std::optional<RateClass> kJoins = RateClass::joins;
constexpr std::optional<RateClass> kReads = RateClass::reads;
constexpr std::optional<RateClass> kNever = std::nullopt;

constexpr RestRoute kOwnRoutes[] = {
    {"POST", "/chat/conversations/start", startConversation, kAsked, kJoins},
    {"GET", "/chat/conversations", listConversations, permitted(ServerAction::listConversations),
     kReads},
    {"GET", "/chat/conversations/:id", showConversation, kAsked, kReads},
    {"GET", "/chat/conversations/:id/messages", listMessages, kAsked, kReads},
    {"GET", "/chat/conversations/:id/messages/last/:n", lastMessages, kAsked, kReads},
    {"GET", "/chat/conversations/:id/participants", listParticipants, kAsked, kReads},
    {"GET", "/chat/search", searchMessages, permitted(ServerAction::search), kReads},
    {"GET", "/chat/dashboard/stats", dashboardStats, permitted(ServerAction::watchDashboard),
     kReads},
    {"GET", "/chat/presence", showPresence, permitted(ServerAction::readPresence), kReads},
    {"GET", "/chat/stats/minutes", minuteStats, permitted(ServerAction::readPresence), kReads},
    {"GET", "/log/events", listEvents, inside(ServerAction::readLog), kReads},
    {"GET", "/log/events/:position", showEvent, inside(ServerAction::readLog), kReads},
    {"GET", "/console/status", consoleStatus, inside(ServerAction::readStatus), kReads},
    {"GET", "/cluster", showCluster, inside(ServerAction::readCluster), kReads},
    {"POST", "/console/verify", startVerification, inside(ServerAction::readStatus), kReads},
    {"POST", "/console/sql", askSql, inside(ServerAction::askSql), kReads},
    {"GET", "/console/questions", listQuestions, inside(ServerAction::askSql), kReads},
    {"GET", "/healthz", health, kEverybody, kNever},
    {"GET", "/readyz", readiness, kEverybody, kNever},
    {"GET", "/metrics", metrics, permitted(ServerAction::readMetrics), kNever},
};

std::vector<RestRoute> allRoutes() {
    auto routes = commandRoutes();
    routes.insert(routes.begin(), std::begin(kOwnRoutes), std::end(kOwnRoutes));
    return routes;
}

}  // namespace

std::span<const RestRoute> restRoutes() {
    static const auto routes = allRoutes();
    return routes;
}

std::size_t routeNumber(const RestRoute& route) {
    return net::kServiceRoute + 1 + static_cast<std::size_t>(&route - restRoutes().data());
}

std::size_t routeNumbersEnd() {
    const std::size_t end = net::kServiceRoute + 1 + restRoutes().size();
    PARLEY_CHECK(end <= net::kRoutesMax);
    return end;
}

std::string routeName(std::size_t number) {
    if (number == net::kOtherRoute) return "other";
    if (number == net::kEngineRoute) return "Engine.IO";
    if (number == net::kServiceRoute) return "console";
    const auto& route = restRoutes()[number - net::kServiceRoute - 1];
    return std::string(route.method) + ' ' + std::string(route.pattern);
}

bool isInside(const std::vector<std::string>& path) {
    return std::ranges::any_of(restRoutes(), [&](const RestRoute& route) {
        return route.access.inside && matchesRoute(route.pattern, path);
    });
}

std::string methodsOf(const std::vector<std::string>& path) {
    std::string methods;
    for (const auto& route : restRoutes()) {
        if (!matchesRoute(route.pattern, path)) continue;
        if (!methods.empty()) methods += ", ";
        methods += route.method == "GET" ? "GET, HEAD" : route.method;
    }
    return methods;
}

Result<const RestRoute*> findRoute(std::string_view method, const std::vector<std::string>& path) {
    bool known = false;
    for (const auto& route : restRoutes()) {
        if (!matchesRoute(route.pattern, path)) continue;
        if (route.method == method) return &route;
        known = true;
    }
    if (!known) return Error{ErrorCode::not_found, "there is no such resource"};
    return Error{ErrorCode::method_not_allowed,
                 "this resource does not know " + std::string(method)};
}

}  // namespace parley
