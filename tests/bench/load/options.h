#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace parley::bench {

struct Options {
    std::string scenario;
    /// On 127.0.0.1; the generator connects to nothing else. Several are the nodes of a cluster,
    /// whose connections take turns.
    std::vector<std::uint16_t> ports;
    bool tls = false;
    std::string token{};            ///< of a service, for a server with tokens
    std::vector<pid_t> serverPids;  ///< empty: CPU time and memory are not measured
    std::string run;                ///< part of the conversations' names: each run has its own
    double warmupSeconds = 1;
    double measureSeconds = 4;
    double drainSeconds = 10;                ///< time limit for everything outstanding
    double setupSeconds = 60;                ///< time limit for connecting and joining
    std::optional<std::size_t> window;       ///< messages in flight per sender
    std::optional<std::size_t> connections;  ///< connect, idle, history: how many
    std::optional<double> rate;              ///< paced: messages per second

    std::uint16_t portOf(std::size_t connection) const { return ports[connection % ports.size()]; }
};

/// Reads the command line. On an error or --help it prints the usage and ends the process.
Options parseOptions(int argc, char** argv);

}  // namespace parley::bench
