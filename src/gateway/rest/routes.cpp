#include "gateway/rest/routes.h"

#include <iterator>

namespace parley {
namespace {

// Those that are no twin of a command. Of the queries, domain/requests.def names the twins too; a
// test compares the two.
constexpr RestRoute kOwnRoutes[] = {
    {"POST", "/chat/conversations/start", startConversation},
    {"GET", "/chat/conversations", listConversations},
    {"GET", "/chat/conversations/:id", showConversation},
    {"GET", "/chat/conversations/:id/messages", listMessages},
    {"GET", "/chat/conversations/:id/messages/last/:n", lastMessages},
    {"GET", "/chat/conversations/:id/participants", listParticipants},
    {"GET", "/chat/dashboard/stats", dashboardStats},
    {"GET", "/healthz", health},
    {"GET", "/readyz", readiness},
    {"GET", "/metrics", metrics},
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
