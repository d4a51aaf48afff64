#pragma once

#include <parley/core/random.h>

#include <cstdint>

namespace parley::test {

/// Whether something with this chance happens now. A chance of 0 asks nothing of `random`.
inline bool happens(Random& random, unsigned percent) {
    if (percent == 0) return false;
    std::uint8_t byte = 0;
    random.fill({&byte, 1});
    return byte * 100U / 256U < percent;
}

}  // namespace parley::test
