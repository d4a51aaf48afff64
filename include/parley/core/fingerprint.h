#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace parley {

/// The first 48 bits of an event's hash. As the hash covers everything before it, a position with
/// its fingerprint names an event of one history: another history of the same positions, as after
/// the restore of a backup, has other fingerprints. Two of them agree by accident once in 2^48;
/// they prove nothing against somebody who looks for a collision, and are no secret. A value.
struct Fingerprint {
    std::array<std::uint8_t, 6> bytes{};
    auto operator<=>(const Fingerprint&) const = default;
};

}  // namespace parley
