#pragma once

#include <cstdint>

namespace parley {

/// Lines that were written to the log since the start, by level.
struct LogCounts {
    std::uint64_t info = 0;  ///< and below
    std::uint64_t warn = 0;
    std::uint64_t error = 0;  ///< and critical
};

/// Any thread.
LogCounts logCounts();

}  // namespace parley
