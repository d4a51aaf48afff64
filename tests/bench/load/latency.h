#pragma once

#include <cstdint>
#include <vector>

namespace parley::bench {

/// Latencies of a run, kept one by one: percentiles are exact.
class Latency {
public:
    void add(std::int64_t ns) { samplesNs_.push_back(ns); }

    struct Summary {
        std::size_t count = 0;
        double p50Us = 0;
        double p99Us = 0;
        double maxUs = 0;
    };
    /// Nearest-rank percentiles. Zero without samples.
    Summary summary() const;

private:
    std::vector<std::int64_t> samplesNs_;
};

}  // namespace parley::bench
