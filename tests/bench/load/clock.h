#pragma once

#include <chrono>
#include <cstdint>

namespace parley::bench {

/// Nanoseconds of the monotonic clock, the only clock of the load generator.
inline std::int64_t nowNs() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

inline constexpr std::int64_t nsPerMs = 1'000'000;
inline constexpr std::int64_t nsPerSecond = 1'000'000'000;

inline std::int64_t secondsToNs(double seconds) {
    return static_cast<std::int64_t>(seconds * static_cast<double>(nsPerSecond));
}

}  // namespace parley::bench
