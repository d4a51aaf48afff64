#pragma once

#include <parley/core/numbers.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Session ids as clients see them: 21 bytes as 28 characters of base64url. The first character is
/// the node's number (A: 0, B: 1, ...), by which a proxy can tell in a cluster which node has the
/// session. A sid also names the loop and the slot in its table, so that finding a session needs no
/// map that could be flooded. 128 random bits keep it from being guessed: for many clients the sid
/// is all that a request shows.
namespace parley::engineio {

using SidSecret = std::array<std::uint8_t, 16>;

struct Sid {
    std::uint8_t node = 0;   // 6 bits
    LoopIndex loop;          // 10 bits
    std::uint32_t slot = 0;  // 24 bits
    SidSecret secret{};
};

std::string encodeSid(const Sid& sid);

/// Nothing when `text` cannot be one of ours.
std::optional<Sid> decodeSid(std::string_view text);

/// Compares in constant time: the duration does not tell where the first difference is.
bool sameSecret(const SidSecret& a, const SidSecret& b);

}  // namespace parley::engineio
