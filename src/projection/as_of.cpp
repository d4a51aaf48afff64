#include <parley/core/time_text.h>
#include <parley/core/try.h>
#include <parley/projection/as_of.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace parley {
namespace {

Error beyondTheEnd(const LogMoment& head) {
    return {ErrorCode::invalid_value, "that is in the future: the log ends at position " +
                                          std::to_string(head.position.value) + ", of " +
                                          toIso8601(head.at)};
}

bool isNumber(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

Result<AsOf> parseAsOf(std::string_view text, UnixMillis now, const TimeZone& zone) {
    if (!isNumber(text)) {
        PARLEY_TRY_ASSIGN(const auto time, parseTime(text, zone, now));
        return AsOf(time);
    }
    Position position;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), position.value);
    if (read.ec == std::errc()) return AsOf(position);
    return Error{ErrorCode::invalid_value, "\"" + std::string(text) + "\" is no position"};
}

std::string textOf(const AsOf& asOf) {
    if (const auto* time = std::get_if<UnixMillis>(&asOf)) return toIso8601(*time);
    return std::to_string(std::get<Position>(asOf).value);
}

Result<LogMoment> momentOf(LogTimes& times, const AsOf& asOf, UnixMillis now) {
    PARLEY_TRY_ASSIGN(const auto head, times.head());
    if (const auto* time = std::get_if<UnixMillis>(&asOf)) {
        if (*time > std::max(now, head.at)) return beyondTheEnd(head);
        return times.at(*time);
    }
    PARLEY_TRY_ASSIGN(const auto moment, times.at(std::get<Position>(asOf)));
    return moment ? Result<LogMoment>(*moment) : beyondTheEnd(head);
}

}  // namespace parley
