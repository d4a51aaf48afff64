#pragma once

#include <cstdint>

namespace parley {

/// What this process uses of the machine, as /proc says. 0 where that cannot be read.
struct ProcessUsage {
    std::uint64_t residentBytes = 0;
    std::uint64_t virtualBytes = 0;
    std::uint64_t openDescriptors = 0;
    std::uint64_t descriptorsMax = 0;  ///< the soft limit
    double cpuSeconds = 0;             ///< user and system, of all threads
    double startedAt = 0;              ///< Unix seconds
};

/// Reads a few files of /proc: some 50 microseconds, and longer with many descriptors. Any thread.
ProcessUsage processUsage();

/// Raises the limit of open descriptors as far as this user may, and gives it.
std::uint64_t raiseDescriptorLimit();

}  // namespace parley
