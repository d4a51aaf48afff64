#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

namespace parley::bench {

struct Options {
    std::string scenario;
    std::uint16_t port = 0;  ///< on 127.0.0.1; the generator connects to nothing else
    bool tls = false;
    std::string token{};  ///< of a service, for a server with tokens
    pid_t serverPid = 0;  ///< 0: the server's CPU time and memory are not measured
    std::string run;      ///< part of the conversations' names: each run has its own
    double warmupSeconds = 1;
    double measureSeconds = 4;
    double drainSeconds = 10;                ///< time limit for everything outstanding
    double setupSeconds = 60;                ///< time limit for connecting and joining
    std::optional<std::size_t> window;       ///< messages in flight per sender
    std::optional<std::size_t> connections;  ///< connect, idle, history: how many
    std::optional<double> rate;              ///< paced: messages per second
};

/// Reads the command line. On an error or --help it prints the usage and ends the process.
Options parseOptions(int argc, char** argv);

}  // namespace parley::bench
