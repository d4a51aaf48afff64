#include "faults/fault_memory.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace parley::faults {
namespace {

std::atomic<std::size_t> failFrom{SIZE_MAX};
thread_local bool exempt = false;

void* allocate(std::size_t bytes) {
    const bool fails = bytes >= failFrom.load(std::memory_order_relaxed) && !exempt;
    return fails ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}

}  // namespace

void failAllocationsFrom(std::size_t bytes) {
    exempt = true;
    failFrom = bytes;
}

}  // namespace parley::faults

// The array forms and all others except the aligned ones call these.
void* operator new(std::size_t bytes) {
    if (void* memory = parley::faults::allocate(bytes)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return parley::faults::allocate(bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
