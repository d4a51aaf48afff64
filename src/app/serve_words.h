#pragma once

#include <parley/auth/options.h>
#include <parley/log/verify.h>
#include <parley/net/server.h>

#include <cstdint>
#include <filesystem>
#include <string>

/// What `parley serve` says to the person who started it, on standard output. Programs may rely on
/// the first line, which ends with the URL; all else is for people.
namespace parley::app {

struct Serving {
    std::string url;
    std::string version;
    std::filesystem::path dataFolder;
    StartChecks checks;
    auth::Options auth{};
    std::string certificate{};  ///< tls.certificate; empty: without TLS
};

/// "http://localhost:3500", "https:" with TLS; an IPv6 address gets its brackets.
std::string urlOf(const net::Options& options, std::uint16_t port);

/// Once it listens.
std::string greeting(const Serving& serving);

/// Once it has stopped: where the log ends, and where it ended before this run.
std::string farewell(Position head, Position before);

}  // namespace parley::app
