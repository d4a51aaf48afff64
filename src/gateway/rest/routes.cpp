#include "gateway/rest/routes.h"

#include <algorithm>

namespace parley {
namespace {

// domain/requests.def says which of them are requests of the socket too; a test compares the two.
constexpr RestRoute kRoutes[] = {
    {"POST", "/chat/conversations/start", startConversation},
    {"POST", "/chat/messages", sendMessage},
    {"GET", "/chat/conversations", listConversations},
    {"GET", "/chat/conversations/:id", showConversation},
    {"GET", "/chat/conversations/:id/messages", listMessages},
    {"GET", "/chat/conversations/:id/messages/last/:n", lastMessages},
    {"GET", "/chat/conversations/:id/participants", listParticipants},
    {"POST", "/chat/conversations/:id/join", joinConversation},
    {"POST", "/chat/conversations/:id/leave", leaveConversation},
    {"GET", "/chat/dashboard/stats", dashboardStats},
    {"GET", "/healthz", health},
    {"GET", "/readyz", readiness},
    {"GET", "/metrics", metrics},
};

}  // namespace

std::span<const RestRoute> restRoutes() {
    return kRoutes;
}

Result<const RestRoute*> findRoute(std::string_view method, const std::vector<std::string>& path) {
    bool known = false;
    for (const auto& route : kRoutes) {
        if (!matchesRoute(route.pattern, path)) continue;
        if (route.method == method) return &route;
        known = true;
    }
    if (!known) return Error{ErrorCode::not_found, "there is no such resource"};
    return Error{ErrorCode::method_not_allowed,
                 "this resource does not know " + std::string(method)};
}

}  // namespace parley
