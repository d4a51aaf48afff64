#pragma once

#include <Poco/Net/SocketAddress.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace parley::net {

/// How many connections each address has. One IPv4 address counts as one, and so does one IPv6
/// /64, which is what one host commonly gets. Has as many entries as there are addresses
/// connected. Any thread.
class AddressTable {
public:
    static std::uint64_t keyOf(const Poco::Net::SocketAddress& address);

    /// Counts one more and returns true, unless the address has `max` already. 0: no limit, and
    /// nothing is counted.
    bool enter(std::uint64_t key, std::size_t max);
    /// Counts one less. Once for each `enter` that returned true.
    void leave(std::uint64_t key);
    /// Addresses that are connected.
    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::size_t> counts_;
};

}  // namespace parley::net
