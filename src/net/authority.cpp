#include "net/authority.h"

#include <Poco/Ascii.h>
#include <Poco/String.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>

namespace parley::net {
namespace {

constexpr std::size_t kHostNameBytesMax = 253;
constexpr std::size_t kPortDigitsMax = 5;
constexpr std::string_view kLocalhost = "localhost";

bool isDigits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string lower(std::string_view text) {
    return Poco::toLower(std::string(text));
}

template <typename Address>
std::optional<Address> parseAddress(int family, std::string_view text) {
    Address address;
    if (::inet_pton(family, std::string(text).c_str(), &address) != 1) return std::nullopt;
    return address;
}

std::string_view withoutClosingDot(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

}  // namespace

std::optional<Authority> readAuthority(std::string_view text) {
    Authority authority;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        authority.host = text.substr(1, end - 1);
        authority.bracketed = true;
        if (!parseAddress<in6_addr>(AF_INET6, authority.host)) return std::nullopt;
        rest = text.substr(end + 1);
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        authority.host = text.substr(0, colon);
        if (!isHostName(withoutClosingDot(authority.host))) return std::nullopt;
        rest = text.substr(colon);
    }
    if (rest.empty()) return authority;
    if (rest.front() != ':' || rest.size() > 1 + kPortDigitsMax) return std::nullopt;
    if (!isDigits(rest.substr(1))) return std::nullopt;
    authority.hasPort = true;
    return authority;
}

bool isIpLiteral(const Authority& authority) {
    return authority.bracketed || parseAddress<in_addr>(AF_INET, authority.host).has_value();
}

bool isLocalName(const Authority& authority) {
    if (authority.bracketed) return false;
    const std::string host = normalHost(authority.host);
    return host == kLocalhost || host.ends_with('.' + std::string(kLocalhost));
}

bool isLoopbackLiteral(const Authority& authority) {
    if (authority.bracketed) {
        const auto address = parseAddress<in6_addr>(AF_INET6, authority.host);
        return address && IN6_IS_ADDR_LOOPBACK(&*address);
    }
    const auto address = parseAddress<in_addr>(AF_INET, authority.host);
    return address && ntohl(address->s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

bool isHostName(std::string_view host) {
    if (host.empty() || host.size() > kHostNameBytesMax) return false;
    if (host.front() == '.' || host.back() == '.') return false;
    if (host.find("..") != std::string_view::npos) return false;
    return std::all_of(host.begin(), host.end(), [](char c) {
        return Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(c)) || c == '-' || c == '_' ||
               c == '.';
    });
}

std::string normalHost(std::string_view host) {
    return lower(withoutClosingDot(host));
}

std::optional<OriginParts> splitOrigin(std::string_view origin) {
    constexpr std::string_view kBetween = "://";
    const auto at = origin.find(kBetween);
    if (at == 0 || at == std::string_view::npos) return std::nullopt;
    OriginParts parts{origin.substr(0, at), origin.substr(at + kBetween.size())};
    if (parts.authority.empty()) return std::nullopt;
    return parts;
}

std::string normalAuthority(std::string_view authority, std::string_view scheme) {
    std::string text = lower(authority);
    const std::string known = lower(scheme);
    const std::string_view port = known == "http" ? ":80" : known == "https" ? ":443" : "";
    if (!port.empty() && text.ends_with(port)) text.erase(text.size() - port.size());
    return text;
}

}  // namespace parley::net
