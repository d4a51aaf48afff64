#include "net/trusted_proxies.h"

#include "net/authority.h"

#include <parley/core/blanks.h>
#include <parley/net/server.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstdint>
#include <utility>

namespace parley::net {
namespace {

using Poco::Net::IPAddress;

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv4At = 12;  // in the IPv6 address that maps it

/// An IPv4 address that is written as an IPv6 one is that IPv4 address.
IPAddress unmapped(const IPAddress& address) {
    if (address.family() != IPAddress::IPv6 || !address.isIPv4Mapped()) return address;
    return IPAddress(static_cast<const std::uint8_t*>(address.addr()) + kIpv4At, kIpv4Bytes);
}

/// Stricter than POCO, which takes a part of an address for one.
std::optional<IPAddress> readAddress(std::string_view text) {
    const std::string terminated(text);
    in_addr v4{};
    if (::inet_pton(AF_INET, terminated.c_str(), &v4) == 1) return IPAddress(&v4, sizeof v4);
    in6_addr v6{};
    if (::inet_pton(AF_INET6, terminated.c_str(), &v6) != 1) return std::nullopt;
    return unmapped(IPAddress(&v6, sizeof v6));
}

/// Some proxies append a port, and then brackets to an IPv6 address.
std::optional<IPAddress> readForwarded(std::string_view text) {
    if (auto address = readAddress(text)) return address;
    const auto authority = readAuthority(text);
    return authority ? readAddress(authority->host) : std::nullopt;
}

/// An address or a network: its mask, and the address without the bits that the mask lacks.
std::optional<std::pair<IPAddress, IPAddress>> readNetwork(std::string_view text) {
    const auto slash = std::min(text.find('/'), text.size());
    const auto address = readAddress(text.substr(0, slash));
    if (!address) return std::nullopt;
    const unsigned bits = static_cast<unsigned>(address->length()) * 8;
    unsigned prefix = bits;
    if (slash < text.size()) {
        const std::string_view digits = text.substr(slash + 1);
        const auto* end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, prefix);
        if (read.ec != std::errc() || read.ptr != end || prefix > bits) return std::nullopt;
    }
    const IPAddress mask(prefix, address->family());
    return std::pair(mask, *address & mask);
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks) {
    for (const auto& text : networks) {
        if (const auto network = readNetwork(text)) {
            networks_.push_back({network->first, network->second});
        }
    }
}

bool TrustedProxies::contains(const IPAddress& asked) const {
    if (networks_.empty()) return false;
    const IPAddress address = unmapped(asked);
    return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
        return network.address.family() == address.family() &&
               (address & network.mask) == network.address;
    });
}

std::optional<IPAddress> TrustedProxies::clientIn(std::string_view forwardedFor) const {
    while (!forwardedFor.empty()) {
        const auto comma = forwardedFor.rfind(',');
        const auto begin = comma == forwardedFor.npos ? 0 : comma + 1;
        const auto address = readForwarded(withoutBlanks(forwardedFor.substr(begin)));
        if (!address || !contains(*address)) return address;
        forwardedFor = forwardedFor.substr(0, begin == 0 ? 0 : comma);
    }
    return std::nullopt;
}

bool TrustedProxies::areAll(std::string_view forwardedFor) const {
    for (bool more = true; more;) {
        const auto comma = forwardedFor.find(',');
        more = comma != forwardedFor.npos;
        const auto address = readForwarded(withoutBlanks(forwardedFor.substr(0, comma)));
        if (!address || !contains(*address)) return false;
        if (more) forwardedFor.remove_prefix(comma + 1);
    }
    return true;
}

Result<void> checkProxy(std::string_view text) {
    if (readNetwork(text)) return {};
    return Error{ErrorCode::invalid_setting,
                 "\"" + std::string(text) +
                     "\" is no address: write one, or a network as in 10.0.0.0/8; names are not "
                     "known"};
}

}  // namespace parley::net
