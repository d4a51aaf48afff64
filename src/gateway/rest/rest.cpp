#include "gateway/rest/rest.h"

#include "gateway/clients/authentication.h"

#include <utility>

namespace parley {

// Probes need no token, and one that does not count is none to them.
Result<void> Rest::identify(RestCall& call, const RestRoute& route) const {
    auto* authenticator = services_.shared.authenticator;
    if (!authenticator) return {};
    const auto token = tokenIn(call.http.credentials, authenticator->options().cookie);
    const bool open = route.access.who == RouteAccess::Who::everybody;
    if (token || !open) {
        call.principal = authenticator->verify(token.value_or(std::string_view())).principal;
    }
    if (!call.principal && !open) return unauthenticated();
    const auto action = route.access.action;
    if (action && authorize(*call.principal, *action) == Permission::forbidden) {
        return forbidden();
    }
    return {};
}

void Rest::handle(const net::HttpRequest& request) {
    RestCall call{.http = request, .target = {}, .pattern = {}, .principal = {}};
    auto target = parseRestTarget(request.path, request.query);
    if (!target) return refuse(call, services_, target.error());
    call.target = std::move(target).value();
    const auto route = findRoute(request.method, call.target.path);
    if (!route) return refuse(call, services_, route.error());
    call.pattern = (*route)->pattern;
    if (const auto known = identify(call, **route); !known) {
        return refuse(call, services_, known.error());
    }
    (*route)->handler(call, services_);
}

}  // namespace parley
