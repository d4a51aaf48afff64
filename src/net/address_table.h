#pragma once

#include <parley/core/client_address.h>

#include <Poco/Net/IPAddress.h>

#include <cstddef>
#include <mutex>
#include <unordered_map>

namespace parley::net {

/// How many connections each address has. One IPv4 address counts as one, and so does one IPv6
/// /64, which is what one host commonly gets. Has as many entries as there are addresses
/// connected. Any thread.
class AddressTable {
public:
    static ClientAddress keyOf(const Poco::Net::IPAddress& address);

    /// Counts one more and returns true, unless the address has `max` already. 0: no limit, and
    /// nothing is counted.
    bool enter(ClientAddress key, std::size_t max);
    /// Counts one less. Once for each `enter` that returned true.
    void leave(ClientAddress key);
    /// Addresses that are connected.
    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<ClientAddress, std::size_t> counts_;
};

}  // namespace parley::net
