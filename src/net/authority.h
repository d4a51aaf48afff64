#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The `host[:port]` of a Host header, of an absolute request target and of an origin. Pure.
namespace parley::net {

struct Authority {
    std::string_view host;  ///< without the brackets of an IPv6 address
    bool bracketed = false;
    bool hasPort = false;
};

/// Nothing where it is none: user info, a port that is no number, an IPv6 address without brackets.
std::optional<Authority> readAuthority(std::string_view text);

/// Whether the host is an address as browsers write it: a dotted quad or an IPv6 address.
bool isIpLiteral(const Authority& authority);
/// Whether the host is `localhost` or `*.localhost`, which browsers resolve to this machine.
bool isLocalName(const Authority& authority);
/// Whether the host is an address in 127.0.0.0/8, or ::1.
bool isLoopbackLiteral(const Authority& authority);
/// Whether the text has only letters, digits, hyphens and underscores, with single dots between
/// them, and at most 253 characters.
bool isHostName(std::string_view host);
/// The host in lower case, without a closing dot.
std::string normalHost(std::string_view host);

/// The parts of an origin before and behind "://".
struct OriginParts {
    std::string_view scheme;
    std::string_view authority;
};
/// Nothing where there is no "://", or either part is empty.
std::optional<OriginParts> splitOrigin(std::string_view origin);
/// `authority` in lower case, without the default port of `scheme`.
std::string normalAuthority(std::string_view authority, std::string_view scheme);

}  // namespace parley::net
