#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/core/time_zone.h>

#include <string_view>

namespace parley {

/// Reads a time as people give it to a command or a query:
///     2026-11-10T14:03Z, 2026-11-10T15:03:00.250+01:00   ISO 8601; the offset is needed
///     2026-11-10                                         the first moment of that day in `zone`
///     -7d, -24h, -30m, -90s, -2w                         so long before `now`; a day is 24 hours
/// Digits beyond the milliseconds are dropped. Refuses any other text with `invalid_value`; the
/// message quotes it and says what can be given. Any thread.
Result<UnixMillis> parseTime(std::string_view text, const TimeZone& zone, UnixMillis now);

}  // namespace parley
