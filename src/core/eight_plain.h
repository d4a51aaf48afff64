#pragma once

#include <cstdint>
#include <cstring>

namespace parley {

/// Whether none of the eight bytes at `bytes` means anything inside a JSON string: no quote, no
/// backslash, none below U+0020. Each test leaves the highest bit of a byte that it finds; behind
/// one it may find another that is not there, which costs nothing but a closer look.
inline bool eightPlain(const char* bytes) {
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
    constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    const auto less = [&](std::uint64_t of, std::uint64_t bound) {
        return (of - kOnes * bound) & ~of;
    };
    const std::uint64_t quote = less(word ^ (kOnes * '"'), 1);
    const std::uint64_t backslash = less(word ^ (kOnes * '\\'), 1);
    return ((less(word, 0x20) | quote | backslash) & kHighs) == 0;
}

}  // namespace parley
