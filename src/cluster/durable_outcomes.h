#pragma once

#include "cluster/forwarder.h"

#include <parley/cluster/run_id.h>
#include <parley/core/histogram.h>
#include <parley/engine/request.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace parley {

/// The outcomes that this node has committed and a majority has not yet, in the order of the log.
/// Any thread adds; one takes.
class DurableOutcomes {
public:
    explicit DurableOutcomes(RunId run) : run_(run) {}

    /// What was committed with, or without anything new after, this message of the stream.
    void add(std::uint64_t sequence, std::vector<Outcome> outcomes);
    /// The next ones, where they are durable up to `durable`: as this process's clients are to be
    /// told, with its own numbers of connections, and with replies for its own requests alone.
    std::optional<BatchOutcome> take(std::uint64_t durable, Forwarder& forwarder);
    /// How long they waited. Any thread.
    HistogramValues durations() const { return durations_.values(); }

private:
    struct Waiting {
        std::uint64_t sequence = 0;
        std::chrono::microseconds since{0};  // of preciseTime
        std::vector<Outcome> outcomes;
    };
    void makeOwn(Outcome& outcome, Forwarder& forwarder) const;
    ConnectionId localOf(ConnectionId connection) const;

    const RunId run_;
    std::mutex mutex_;
    std::deque<Waiting> waiting_;
    Histogram durations_;
};

}  // namespace parley
