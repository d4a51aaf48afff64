#pragma once

#include "gateway/calls/reply_address.h"

#include <parley/core/error.h>
#include <parley/core/histogram.h>
#include <parley/core/metrics.h>
#include <parley/gateway/calls/wire_request.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace parley {

/// How many refusals clients can get (clientErrors), and how many requests (wireRequests).
inline constexpr std::size_t kClientErrorCount = 0
#define PARLEY_ERROR(name, status, retry, meaning) +1
#include <parley/core/error_codes.def>
#undef PARLEY_ERROR
    ;
inline constexpr std::size_t kWireRequestCount = 0
#define COMMAND(...) +1
#define QUERY(...) +1
#include <parley/domain/requests.def>
    ;

/// What a loop counts of its requests and their answers. The loop writes it, any thread reads it;
/// loops may share one.
class RequestMeter {
public:
    /// A socket's request was carried out: its answer is with the connection `now`.
    void done(const SocketCall& call, std::chrono::microseconds now);
    /// Likewise refused.
    void refused(const SocketCall& call, ErrorCode code, std::chrono::microseconds now);
    /// An event of this name was refused before it got anywhere; it need not be a request.
    void refused(std::string_view name, ErrorCode code);
    /// A REST request was refused.
    void refused(ErrorCode code);

    /// Broadcasts of a commit were written this long after it.
    void broadcast(std::chrono::microseconds delay) { fanout_.observe(delay); }

    /// Adds the sums of several meters to the samples, a metric at a time.
    static void addTo(MetricSamples& out, std::span<const RequestMeter> meters);

private:
    using Count = std::atomic<std::uint64_t>;
    static constexpr std::size_t kNames = kWireRequestCount + 1;  // and those that are none
    struct Outcomes {
        Count done{0};
        Count refused{0};
    };
    void observe(const SocketCall& call, std::chrono::microseconds now);

    std::array<Outcomes, kNames> outcomes_;
    std::array<Histogram, kWireRequestCount> durations_;
    std::array<Count, kClientErrorCount> codes_{};
    Histogram fanout_;
};

}  // namespace parley
