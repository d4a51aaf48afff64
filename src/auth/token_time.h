#pragma once

#include <parley/core/clock.h>
#include <parley/core/json.h>

#include <cmath>
#include <optional>

namespace parley::auth {

/// A NumericDate (RFC 7519, section 2): seconds since 1970, which may have a fraction. Nothing: it
/// is no number, or not of the years 1970 to 9999.
inline std::optional<UnixMillis> tokenTime(const Json& value) {
    constexpr double kSecondsMax = 253'402'300'799;
    if (!value.is_number()) return std::nullopt;
    const auto seconds = value.get<double>();
    if (!(seconds >= 0 && seconds <= kSecondsMax)) return std::nullopt;
    return UnixMillis{static_cast<std::int64_t>(std::floor(seconds * 1000))};
}

}  // namespace parley::auth
