#pragma once

#include <cstdint>

namespace parley {

/// Memory that SQLite holds in this process, in bytes, mostly page caches. Any thread; threads that
/// allocate meanwhile may or may not be counted.
std::uint64_t sqliteMemoryBytes();

}  // namespace parley
