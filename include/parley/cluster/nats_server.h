#pragma once

#include <parley/core/result.h>

#include <string>

namespace parley {

/// A server of NATS to connect to: nats://host:port or tls://host:port, with user:password@ before
/// the host where it asks for it. A value.
struct NatsServer {
    std::string url;
    std::string host;  ///< that its certificate is for
    std::string name;  ///< host:port, for the log
    bool tls = false;
    bool hasUser = false;
};

/// Refuses with `invalid_setting`, without repeating the URL: it may hold a password. Never throws.
/// Any thread.
Result<NatsServer> parseNatsServer(const std::string& url);

}  // namespace parley
