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

bool isDigits(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return Poco::Ascii::isDigit(static_cast<unsigned char>(c)); });
}

bool isHexDigits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return Poco::Ascii::isHexDigit(static_cast<unsigned char>(c));
    });
}

/// Whether browsers take the host for an IPv4 address, however it is written: its last part is a
/// number (https://url.spec.whatwg.org/#ends-in-a-number-checker). `host`: as normalHost makes it.
bool endsInNumber(std::string_view host) {
    const auto last = host.substr(host.rfind('.') + 1);
    return isDigits(last) || (last.starts_with("0x") && isHexDigits(last.substr(2)));
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
    } else if (const std::string plain = normalHost(name); isIpLiteral({.host = plain})) {
        shown = networkOf<sizeof(in_addr)>(AF_INET, plain, 3);
    } else if (endsInNumber(plain)) {
        return std::string(kUnreadable);
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
