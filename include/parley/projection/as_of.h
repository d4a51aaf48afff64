#pragma once

#include <parley/core/result.h>
#include <parley/core/time_zone.h>
#include <parley/log/read/log_times.h>

#include <string>
#include <string_view>
#include <variant>

namespace parley {

/// A moment as somebody names it: an event's position, or a time, which means the last event that
/// is not later.
using AsOf = std::variant<Position, UnixMillis>;

/// Reads a position (digits), or a time as parseTime does, dates in `zone`. Refuses with
/// `invalid_value`. Pure.
Result<AsOf> parseAsOf(std::string_view text, UnixMillis now,
                       const TimeZone& zone = TimeZone::utc());

/// A position in digits, or a time in ISO 8601. Pure.
std::string textOf(const AsOf& asOf);

/// The moment that `asOf` names. Refuses with `invalid_value` one of the future: beyond the log's
/// end, or later than both `now` and the last event. Position 0: before the first event. Refuses
/// as LogTimes does, too. The thread of `times`.
Result<LogMoment> momentOf(LogTimes& times, const AsOf& asOf, UnixMillis now);

}  // namespace parley
