#pragma once

#include <cstdint>
#include <optional>

namespace parley {

/// What this process uses of the machine, as Linux's /proc says (proc(5)). 0 where that cannot be
/// read.
struct ProcessUsage {
    std::uint64_t residentBytes = 0;    ///< in memory now, shared pages included
    std::uint64_t virtualBytes = 0;     ///< of addresses; most are never touched
    std::uint64_t openDescriptors = 0;  ///< sockets and files, epoll's own included
    std::uint64_t descriptorsMax = 0;   ///< the soft limit
    double cpuSeconds = 0;              ///< user and system, of all threads
    double startedAt = 0;               ///< Unix seconds
};

/// Reads a few files of /proc: some 50 microseconds, and longer with many descriptors. Any thread.
ProcessUsage processUsage();

/// Raises the soft limit of open descriptors (RLIMIT_NOFILE) to the hard one, and returns the soft
/// limit that is then in force; 0 where it cannot be read. Holds for the whole process and what it
/// starts. Call it once, before there are threads.
std::uint64_t raiseDescriptorLimit();

/// The bytes that a file written by this process may have (RLIMIT_FSIZE, `ulimit -f`); nothing:
/// any number. A look at the kernel's limit as it is now, which others may change. Any thread.
std::optional<std::uint64_t> fileSizeLimit();

/// Lets the kernel's table of this process's descriptors have room for `count` from now on, 8 bytes
/// each. In a process with threads the kernel doubles a full table only after a grace period of its
/// own (Linux, fs/file.c: expand_fdtable, synchronize_rcu), and the thread that accepts connections
/// stands still for 10 milliseconds and more, each time. To be called before there are threads.
/// Does nothing where `count` is 0 or the soft limit is lower; a failure is ignored, as it only
/// costs time.
void reserveDescriptors(std::uint64_t count);

}  // namespace parley
