#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace parley {

/// The only source of randomness below `app`, so that tests can repeat what it gives. Not
/// thread-safe: one a thread.
class Random {
public:
    virtual ~Random() = default;
    /// Fills all of `out` with bytes nobody can guess.
    virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// The kernel's generator (getrandom(2)), read in blocks of 4 KiB. A byte that was handed out is
/// erased from the block. Waits only where the kernel's generator is not ready, early at a boot;
/// throws std::system_error where the kernel refuses.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;

private:
    std::uint8_t block_[4096];
    std::size_t used_ = sizeof block_;
};

/// Repeats for a seed (splitmix64), on every machine. For tests only: anybody can guess it.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::uint64_t state_;
};

}  // namespace parley
