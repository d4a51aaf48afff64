#pragma once

#include <parley/core/numbers.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Session ids as clients see them: 21 bytes as 28 characters of base64url. A sid names the loop
/// and the slot in its table, so that finding a session needs no map that could be flooded. 128
/// random bits keep it from being guessed: for many clients the sid is all that a request shows.
namespace parley::engineio {

using SidSecret = std::array<std::uint8_t, 16>;

struct Sid {
    LoopIndex loop;
    std::uint32_t slot = 0;  // 24 bits
    SidSecret secret{};
};

std::string encodeSid(const Sid& sid);

/// Nothing when `text` cannot be one of ours.
std::optional<Sid> decodeSid(std::string_view text);

/// Compares in constant time: the duration does not tell where the first difference is.
bool sameSecret(const SidSecret& a, const SidSecret& b);

}  // namespace parley::engineio
