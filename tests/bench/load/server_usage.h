#pragma once

#include <cstdint>
#include <sys/types.h>

namespace parley::bench {

/// CPU time that all threads of a process have used since it started, in seconds; 0 for pid 0.
/// The kernel counts in ticks (10 ms), so windows should last seconds.
double cpuSeconds(pid_t pid);

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
