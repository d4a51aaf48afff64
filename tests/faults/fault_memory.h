#pragma once

#include <cstddef>

namespace parley::faults {

/// From here on allocations of `bytes` and more throw std::bad_alloc in every thread but the one
/// that calls this, as where there is no memory for a large answer. A program that links this has
/// its own operator new.
void failAllocationsFrom(std::size_t bytes);

}  // namespace parley::faults
