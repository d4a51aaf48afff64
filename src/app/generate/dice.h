#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace parley::app::generate {

/// Chance for what is generated: the same numbers for a seed on every machine, as it adds and
/// multiplies but asks no mathematical library. A value; one thread.
class Dice {
public:
    /// `stream` tells apart the dice of one seed.
    explicit Dice(std::uint64_t seed, std::uint64_t stream = 0);

    std::uint64_t next();
    /// 0 to `end` - 1. REQUIRES: `end` is positive.
    std::size_t below(std::size_t end) { return static_cast<std::size_t>(next() % end); }
    /// 0 or more, less than 1.
    double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    bool chance(double probability) { return share() < probability; }
    /// Half of the values are below `median`; e^sigma is how many times more the usual large one
    /// is (84 of 100 are smaller).
    double logNormal(double median, double sigma);
    /// The same between two bounds, as a whole number.
    std::int64_t logNormal(double median, double sigma, std::int64_t least, std::int64_t most);

    template <typename T, std::size_t N>
    const T& oneOf(const std::array<T, N>& all) {
        return all[below(N)];
    }

private:
    std::uint64_t state_;
};

}  // namespace parley::app::generate
