#pragma once

#include "clock.h"
#include "server_usage.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace parley::bench {

/// Time and CPU between start() and stop(), and figures that relate counts to them.
class UsageWindow {
public:
    explicit UsageWindow(std::vector<pid_t> servers) : servers_(std::move(servers)) {}

    void start() { begin_ = take(); }
    void stop() { end_ = take(); }

    double seconds() const {
        return static_cast<double>(end_.ns - begin_.ns) / static_cast<double>(nsPerSecond);
    }

    /// Adds `count` as things per second and per second of the server's CPU time.
    void addRates(nlohmann::ordered_json& figures, const std::string& name,
                  std::uint64_t count) const {
        figures[name + "PerSecond"] = static_cast<double>(count) / seconds();
        const double cpu = end_.server - begin_.server;
        if (cpu > 0) figures[name + "PerServerCpuSecond"] = static_cast<double>(count) / cpu;
    }

    /// Adds the number of busy cores. A generator near 1 was itself the limit of the run.
    void addCores(nlohmann::ordered_json& figures) const {
        figures["seconds"] = seconds();
        if (!servers_.empty()) figures["serverCores"] = (end_.server - begin_.server) / seconds();
        figures["generatorCores"] = (end_.own - begin_.own) / seconds();
    }

private:
    struct Sample {
        std::int64_t ns = 0;
        double server = 0;
        double own = 0;
    };
    Sample take() const { return {nowNs(), cpuSeconds(servers_), ownCpuSeconds()}; }

    std::vector<pid_t> servers_;
    Sample begin_;
    Sample end_;
};

}  // namespace parley::bench
