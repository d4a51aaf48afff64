#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace parley {

/// From where a client comes, as limits count it: an IPv4 address, or the /64 network of an IPv6
/// address, which is what one host commonly gets. Behind a trusted proxy it is the client's, not
/// the proxy's. 0: not known, or ::/64, to which ::1 belongs. Not for a log: it is a person's.
struct ClientAddress {
    std::uint64_t value = 0;
    auto operator<=>(const ClientAddress&) const = default;
};

}  // namespace parley

template <>
struct std::hash<parley::ClientAddress> {
    std::size_t operator()(parley::ClientAddress address) const {
        return std::hash<std::uint64_t>{}(address.value);
    }
};
