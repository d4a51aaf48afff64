#include "gateway/rest/rest.h"

#include "gateway/rest/routes.h"

#include <utility>

namespace parley {

void Rest::handle(const net::HttpRequest& request) {
    RestCall call{.http = request, .target = {}, .pattern = {}};
    auto target = parseRestTarget(request.path, request.query);
    if (!target) return refuse(call, services_, target.error());
    call.target = std::move(target).value();
    const auto route = findRoute(request.method, call.target.path);
    if (!route) return refuse(call, services_, route.error());
    call.pattern = (*route)->pattern;
    (*route)->handler(call, services_);
}

}  // namespace parley
