#pragma once

#include <Poco/Net/IPAddress.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::net {

/// The proxies that are believed when they say for which client they ask (Options::trustedProxies).
/// Immutable; any thread.
class TrustedProxies {
public:
    /// REQUIRES: each passes checkProxy.
    explicit TrustedProxies(const std::vector<std::string>& networks);

    bool contains(const Poco::Net::IPAddress& address) const;
    /// The client of a request that came from a trusted proxy, given its X-Forwarded-For, to which
    /// each proxy appends the address that asked it: the last address that is no trusted proxy.
    /// What stands before it was written by that address itself, and may be a lie. Nothing where
    /// there is none, or no address stands in its place.
    std::optional<Poco::Net::IPAddress> clientIn(std::string_view forwardedFor) const;
    /// Whether the addresses in an X-Forwarded-For are all trusted proxies: then one of them asks
    /// by itself. Not where there is none.
    bool areAll(std::string_view forwardedFor) const;

private:
    struct Network {
        Poco::Net::IPAddress mask;
        Poco::Net::IPAddress address;  ///< its other bits are 0
    };
    std::vector<Network> networks_;
};

}  // namespace parley::net
