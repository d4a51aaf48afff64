#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace parley::bench {

/// CPU time that all threads of these processes have used since they started, in seconds. The
/// kernel counts in ticks (10 ms), so windows should last seconds.
double cpuSeconds(const std::vector<pid_t>& pids);

/// CPU time of this process.
double ownCpuSeconds();

/// A process's memory. `anonymous` is its heap and stacks, without mapped files like the program's
/// code or the database's shared memory.
struct Memory {
    std::int64_t anonymousBytes = 0;
    std::int64_t residentBytes = 0;
};
Memory memoryOf(pid_t pid);

/// Raises the limit of open files as far as this user may; returns the limit.
std::int64_t raiseFileLimit();

}  // namespace parley::bench
