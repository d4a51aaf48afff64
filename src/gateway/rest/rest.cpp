#include "gateway/rest/rest.h"

#include "gateway/calls/answer.h"
#include "gateway/clients/authentication.h"
#include "gateway/limits/token_check.h"

#include <parley/core/blanks.h>
#include <parley/core/try.h>

#include <Poco/String.h>

#include <string>
#include <utility>

namespace parley {
namespace {

// Parameters, such as a charset, say nothing new: JSON is UTF-8.
bool isJson(std::string_view mediaType) {
    const auto type = withoutBlanks(mediaType.substr(0, mediaType.find(';')));
    return Poco::icompare(std::string(type), "application/json") == 0;
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

// Probes need no token, and one that does not count is none to them. A reader of the metrics is
// never kept waiting, so that they can be seen while somebody sends bad tokens.
Result<void> Rest::identify(RestCall& call, const RestRoute& route) const {
    auto& shared = services_.shared;
    if (!shared.authenticator) return {};
    const auto token = tokenIn(call.http.credentials, shared.authenticator->options().cookie);
    const bool open = route.access.who == RouteAccess::Who::everybody;
    if (token || !open) {
        const TokenCheck check(shared, call.http.credentials.client, services_.loop.turnTime());
        const auto text = token.value_or(std::string_view());
        const bool waits = open || route.rate;
        auto verified = waits ? check.verify(text) : check.verifyAlways(text);
        if (!verified && !open) return verified.error();
        if (verified) call.principal = std::move(*verified);
    }
    PARLEY_TRY(admit(call));
    const auto action = route.access.action;
    if (action && authorize(*call.principal, *action) == Permission::forbidden) {
        return forbidden();
    }
    return {};
}

// With auth.mode=none anybody may act as anybody: what tells everything stays on this machine.
Result<void> Rest::isInside(const RestCall& call) const {
    const auto& asker = call.http.credentials;
    services_.loop.answerOwnPagesOnly(call.http.number);
    if (!asker.ownPage) {
        return Error{ErrorCode::origin_refused,
                     "only the server's own pages get an answer here, whatever cors.origins says"};
    }
    if (services_.shared.authenticator) return {};
    if (net::isThisMachine(asker)) return {};
    return Error{ErrorCode::forbidden,
                 "with auth.mode=none only clients on the server's machine get an answer here"};
}

// A service's reads count by the user that the query names, if it names only one; its commands are
// counted once they are read (submitCommand).
Result<void> Rest::admit(const RestCall& call) const {
    auto* limits = services_.shared.limits;
    if (!limits || !call.rate) return {};
    const auto now = services_.loop.turnTime();
    const Principal& sender = *call.principal;
    if (!isService(sender)) return limits->admitRest(sender.user, *call.rate, now);
    if (call.http.method != "GET") return {};
    for (const auto& [name, value] : call.target.query) {
        if (name != "userId" || isRepeated(call.target, name)) continue;
        const auto user = UserId::parse(value, "userId");
        return limits->admitRest(user ? *user : sender.user, *call.rate, now);
    }
    return limits->admitRest(sender.user, *call.rate, now);
}

bool Rest::isForOwnPages(std::string_view path) {
    const auto target = parseRestTarget(path, {});
    return target && parley::isInside(target->path);
}

void Rest::refuseRoute(const RestCall& call, const Error& error) {
    if (parley::isInside(call.target.path)) services_.loop.answerOwnPagesOnly(call.http.number);
    if (error.code != ErrorCode::method_not_allowed) return refuse(call, services_, error);
    services_.shared.meterOf(services_.loop.index()).refused(error.code);
    auto refused = httpRefusal(error);
    refused.headers.emplace_back("Allow", methodsOf(call.target.path));  // RFC 9110, 15.5.6
    respond(call, services_, std::move(refused));
}

// Probes and metrics tell how this process stands, so they do not wait for it.
void Rest::carryOut(const RestCall& call, const RestRoute& route) {
    if (route.method != "GET" || !route.rate) return route.handler(call, services_);
    const auto position = positionIn(call.http);
    if (!position) return refuse(call, services_, position.error());
    const auto applied = services_.shared.engine->head();
    if (position->value_or(applied) <= applied) return route.handler(call, services_);
    positions_.hold(call, **position, route.handler);
}

void Rest::handle(const net::HttpRequest& request) {
    if (auto file = services_.shared.console.get()->answer(request)) {
        services_.loop.countAs(request.number, net::kServiceRoute);
        return services_.loop.respond(request.number, std::move(*file));
    }
    RestCall call{.http = request, .target = {}, .pattern = {}};
    auto target = parseRestTarget(request.path, request.query);
    if (!target) return refuse(call, services_, target.error());
    call.target = std::move(target).value();
    const auto route = findRoute(request.method, call.target.path);
    if (!route) return refuseRoute(call, route.error());
    services_.loop.countAs(request.number, routeNumber(**route));
    call.pattern = (*route)->pattern;
    call.rate = (*route)->rate;
    if ((*route)->access.inside) {
        if (const auto here = isInside(call); !here) return refuse(call, services_, here.error());
    }
    if (const auto known = identify(call, **route); !known) {
        return refuse(call, services_, known.error());
    }
    if (const auto taken = takesBody(request); !taken) {
        return refuse(call, services_, taken.error());
    }
    carryOut(call, **route);
}

}  // namespace parley
