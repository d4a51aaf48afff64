#pragma once

#include <cstddef>

namespace parley::faults {

/// From this call on, allocations of `bytes` and more throw std::bad_alloc in every thread except
/// the calling one, as if there were no memory for a large reply. A program that links this has its
/// own operator new.
void failAllocationsFrom(std::size_t bytes);

}  // namespace parley::faults
