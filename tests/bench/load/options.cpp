#include "options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace parley::bench {
namespace {

constexpr const char* usage = R"(parley-load SCENARIO --port PORT [options]

Loads a chat server on 127.0.0.1 over WebSocket, checks every delivery and prints one line of JSON.
Exit status: 0 measured, 1 a delivery was wrong, 2 could not run.

Scenarios
  room10    1 room of 10, 1 sender, 64 messages in flight
  fan100    10 rooms of 100, 2 senders a room with 4 in flight each, 1 dashboard
  fan10     100 rooms of 10, 1 sender a room, 4 in flight
  duo       300 rooms of 2, 1 sender a room, 4 in flight
  pingpong  1 room of 2, one message alone at a time
  paced     100 rooms of 10, 1,000 messages a second whether or not the server keeps up
  connect   3,000 connections, 64 at a time
  history   get_messages of 50, 32 clients, each its next request on the reply
  idle      memory of 10,000 connections, each in one room of 10
  parked    memory of 1,000 clients in a long-poll, each in one room of 10

Options
  --pid PID         the server's process, for its CPU time and memory
                    --port and --pid may name several, with commas: the nodes of a cluster
  --tls 0|1         whether the server speaks TLS (0); any certificate is trusted
  --token TEXT      a service's, for a server with auth.mode=jwt
  --run NAME        part of the names of the conversations (default: this process's id)
  --warmup S        seconds of load before the measurement (1)
  --measure S       seconds measured (4)
  --drain S         seconds in which all that is outstanding must arrive (10)
  --setup S         seconds that connecting and joining may take (60)
  --window N        messages in flight per sender
  --connections N   connect, idle, parked, history: how many connections
  --rate N          paced: messages per second
)";

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "parley-load: %s\n\n%s", why.c_str(), usage);
    std::exit(2);
}

template <typename Number>
Number parseNumber(std::string_view flag, std::string_view text, Number least, Number most) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
        refuse(std::string(flag) + " cannot be '" + std::string(text) + "'");
    }
    return value;
}

template <typename Number>
std::vector<Number> parseNumbers(std::string_view flag, std::string_view text, Number most) {
    std::vector<Number> numbers;
    while (true) {
        const auto comma = text.find(',');
        numbers.push_back(parseNumber<Number>(flag, text.substr(0, comma), 1, most));
        if (comma == std::string_view::npos) return numbers;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

Options parseOptions(int argc, char** argv) {
    Options options;
    options.run = std::to_string(getpid());
    for (int i = 1; i < argc; ++i) {
        const std::string_view flag = argv[i];
        if (flag == "--help" || flag == "-h") {
            std::fputs(usage, stdout);
            std::exit(0);
        }
        if (!flag.starts_with("--")) {
            if (!options.scenario.empty()) refuse("one scenario at a time");
            options.scenario = flag;
            continue;
        }
        if (i + 1 == argc) refuse(std::string(flag) + " needs a value");
        const std::string_view value = argv[++i];
        const auto seconds = [&] { return parseNumber<double>(flag, value, 0, 600); };
        if (flag == "--port") {
            options.ports = parseNumbers<std::uint16_t>(flag, value, 65535);
        } else if (flag == "--pid") {
            options.serverPids = parseNumbers<pid_t>(flag, value, 1 << 30);
        } else if (flag == "--tls") {
            options.tls = parseNumber<int>(flag, value, 0, 1) == 1;
        } else if (flag == "--token") {
            options.token = value;
        } else if (flag == "--run") {
            options.run = value;
        } else if (flag == "--warmup") {
            options.warmupSeconds = seconds();
        } else if (flag == "--measure") {
            options.measureSeconds = seconds();
        } else if (flag == "--drain") {
            options.drainSeconds = seconds();
        } else if (flag == "--setup") {
            options.setupSeconds = seconds();
        } else if (flag == "--window") {
            options.window = parseNumber<std::size_t>(flag, value, 1, 100'000);
        } else if (flag == "--connections") {
            options.connections = parseNumber<std::size_t>(flag, value, 1, 60'000);
        } else if (flag == "--rate") {
            options.rate = parseNumber<double>(flag, value, 1, 1e7);
        } else {
            refuse("unknown option " + std::string(flag));
        }
    }
    if (options.scenario.empty()) refuse("which scenario?");
    if (options.ports.empty()) refuse("--port is required");
    return options;
}

}  // namespace parley::bench
