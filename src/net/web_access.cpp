#include "net/web_access.h"

#include "net/authority.h"

#include <Poco/String.h>

#include <algorithm>

namespace parley::net {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

/// Two spellings of one origin become the same text.
std::string normalOrigin(std::string_view origin) {
    const auto parts = splitOrigin(origin);
    if (!parts) return Poco::toLower(std::string(origin));
    return Poco::toLower(std::string(parts->scheme)) + "://" +
           normalAuthority(parts->authority, parts->scheme);
}

/// The scheme is not compared, as a proxy in front may end TLS. A default port is that of the
/// origin's scheme.
bool isSameOrigin(std::string_view origin, std::string_view host) {
    const auto parts = splitOrigin(origin);
    return parts &&
           normalAuthority(parts->authority, parts->scheme) == normalAuthority(host, parts->scheme);
}

bool isLocal(std::string_view origin) {
    const auto parts = splitOrigin(origin);
    if (!parts) return false;
    const std::string scheme = Poco::toLower(std::string(parts->scheme));
    if (scheme != "http" && scheme != "https") return false;
    const auto authority = readAuthority(parts->authority);
    return authority && (isLocalName(*authority) || isLoopbackLiteral(*authority));
}

bool isKeyword(std::string_view text) {
    return text == "*" || text == "local" || text == "null";
}

/// Why a request without `Origin` is refused: a page of another site makes it, and it would open a
/// session, act in the name of the browser's user, or bring a body. Images, links and forms make
/// such requests; scripts and WebSockets of allowed pages tell their origin.
std::optional<HttpError> refusalOfCrossSite(const RequestHead& head, bool forEngine,
                                            bool isOpenPage) {
    if (!head.crossSite) return std::nullopt;
    if (head.hasBody()) {
        return HttpError{415, "a body from another site must say its origin",
                         ErrorCode::unsupported_media_type};
    }
    const bool asUser = !head.cookie.empty() && head.authorization.empty();
    if (!forEngine && (!asUser || isOpenPage)) return std::nullopt;
    return HttpError{403, "a request from another site must say its origin",
                     ErrorCode::origin_refused};
}

}  // namespace

WebAccess::WebAccess(const Options& options)
    : anyHost_(options.anyHost), openPage_(options.openPage) {
    for (const auto& origin : options.corsOrigins) {
        if (origin == "*") {
            any_ = true;
        } else if (origin == "local") {
            local_ = true;
        } else {
            listed_.push_back(normalOrigin(origin));
        }
    }
    for (const auto& host : options.hosts) hosts_.push_back(normalHost(host));
    if (isHostName(options.host)) hosts_.push_back(normalHost(options.host));
}

bool WebAccess::isServedAs(std::string_view host) const {
    const auto authority = readAuthority(host);
    if (!authority) return false;
    return isIpLiteral(*authority) || isLocalName(*authority) ||
           contains(hosts_, normalHost(authority->host));
}

/// Whether the list names the origin other than by "*".
bool WebAccess::names(std::string_view origin) const {
    return (local_ && isLocal(origin)) || contains(listed_, normalOrigin(origin));
}

std::optional<HttpError> WebAccess::refusalOf(const RequestHead& head, bool forEngine) const {
    // DNS rebinding: a page whose own host name points to this server would be of the same origin.
    if (head.host && !anyHost_ && !isServedAs(*head.host)) {
        return HttpError{421, "the server does not answer under this host; see http.hosts",
                         ErrorCode::misdirected};
    }
    if (head.origin) {
        const bool same = head.host && isSameOrigin(*head.origin, *head.host);
        if (same || any_ || names(*head.origin)) return std::nullopt;
        return HttpError{403, "cors.origins does not allow the page's origin",
                         ErrorCode::origin_refused};
    }
    return refusalOfCrossSite(head, forEngine, !openPage_.empty() && head.path == openPage_);
}

bool WebAccess::isOwnPage(const RequestHead& head) {
    if (head.fromHere) return *head.fromHere;
    return !head.origin || (head.host && isSameOrigin(*head.origin, *head.host));
}

void WebAccess::append(HeaderList& headers, std::string_view origin) const {
    if (!origin.empty() && names(origin)) {
        headers.emplace_back("Access-Control-Allow-Origin", origin);
        headers.emplace_back("Access-Control-Allow-Credentials", "true");
    } else if (any_) {
        headers.emplace_back("Access-Control-Allow-Origin", "*");
    }
    // Caches must not give one page the answer to another.
    if (!any_ || local_ || !listed_.empty()) headers.emplace_back("Vary", "Origin");
}

HeaderList WebAccess::preflight(const RequestHead& head) const {
    HeaderList headers;
    append(headers, head.origin.value_or(std::string()));
    headers.emplace_back("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
    if (!head.requestHeaders.empty()) {
        headers.emplace_back("Vary", "Access-Control-Request-Headers");
        headers.emplace_back("Access-Control-Allow-Headers", head.requestHeaders);
    }
    return headers;
}

Result<void> checkOrigin(std::string_view text) {
    if (isKeyword(text)) return {};
    const auto wrong = [&](const std::string& how) {
        return Error{ErrorCode::invalid_setting,
                     "\"" + std::string(text) + "\" is no origin: " + how};
    };
    const auto parts = splitOrigin(text);
    if (!parts) {
        return wrong("write scheme and host, as in https://" +
                     (isHostName(text) ? std::string(text) : "shop.example"));
    }
    const auto end = parts->authority.find_first_of("/?#");
    if (end != std::string_view::npos) {
        return wrong("write it without a path, " + std::string(parts->scheme) + "://" +
                     std::string(parts->authority.substr(0, end)));
    }
    if (!readAuthority(parts->authority)) {
        return wrong("its host must be a name or an address; patterns are not known");
    }
    return {};
}

Result<void> checkHost(std::string_view text) {
    const auto wrong = [&](const std::string& how) {
        return Error{ErrorCode::invalid_setting,
                     "\"" + std::string(text) + "\" is no host: " + how};
    };
    const auto authority = readAuthority(text);
    if (!authority) return wrong("write a name, as in chat.example.com; patterns are not known");
    if (authority->hasPort) return wrong("write it without a port; any port is taken");
    return {};
}

}  // namespace parley::net
