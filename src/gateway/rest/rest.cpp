#include "gateway/rest/rest.h"

#include "gateway/clients/authentication.h"

#include <parley/core/blanks.h>

#include <algorithm>
#include <utility>

namespace parley {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Parameters, such as a charset, say nothing new: JSON is UTF-8.
bool isJson(std::string_view mediaType) {
    constexpr std::string_view kJson = "application/json";
    const auto type = withoutBlanks(mediaType.substr(0, mediaType.find(';')));
    return std::equal(type.begin(), type.end(), kJson.begin(), kJson.end(),
                      [](char one, char other) { return lower(one) == other; });
}

}  // namespace

// A page of another site can send a body of other types, with the browser's cookies, without asking
// the server first.
Result<void> Rest::takesBody(const net::HttpRequest& request) const {
    const bool checked = services_.shared.authenticator && !request.body.empty();
    if (!checked || isJson(request.contentType)) return {};
    return Error{ErrorCode::unsupported_media_type,
                 "a body must have the Content-Type application/json"};
}

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
    if (const auto taken = takesBody(request); !taken) {
        return refuse(call, services_, taken.error());
    }
    (*route)->handler(call, services_);
}

}  // namespace parley
