#include "net/log_words.h"

#include "net/authority.h"

#include <Poco/Ascii.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>

namespace parley::net {
namespace {

constexpr std::string_view kUnreadable = "?";
constexpr std::size_t kSchemeBytesMax = 32;

/// The network of `address`, of which `kept` bytes count.
template <std::size_t bytes>
std::string networkOf(int family, const std::string& address, std::size_t kept) {
    std::array<std::uint8_t, bytes> parts{};
    if (::inet_pton(family, address.c_str(), parts.data()) != 1) return std::string(kUnreadable);
    std::fill(parts.begin() + static_cast<std::ptrdiff_t>(kept), parts.end(), std::uint8_t{0});
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, parts.data(), text.data(), text.size());
    return std::string(text.data()) + '/' + std::to_string(kept * 8);
}

bool isScheme(std::string_view text) {
    return text.size() <= kSchemeBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
               return Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(c)) || c == '+' ||
                      c == '-' || c == '.';
           });
}

}  // namespace

std::string hostForLog(std::string_view host) {
    const auto authority = readAuthority(host);
    if (!authority) return std::string(kUnreadable);
    const std::string name(authority->host);
    std::string shown = name;
    if (authority->bracketed) {
        shown = '[' + networkOf<sizeof(in6_addr)>(AF_INET6, name, 6) + ']';
    } else if (isIpLiteral(*authority)) {
        shown = networkOf<sizeof(in_addr)>(AF_INET, name, 3);
    }
    return authority->hasPort ? shown + std::string(host.substr(host.rfind(':'))) : shown;
}

std::string originForLog(std::string_view origin) {
    if (origin == "null") return std::string(origin);
    const auto parts = splitOrigin(origin);
    if (!parts || !isScheme(parts->scheme)) return std::string(kUnreadable);
    const auto host = hostForLog(parts->authority);
    return host == kUnreadable ? host : std::string(parts->scheme) + "://" + host;
}

}  // namespace parley::net
