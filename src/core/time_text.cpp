#include <parley/core/time_text.h>

#include <charconv>
#include <optional>
#include <string>

namespace parley {
namespace {

constexpr std::int64_t kAgoMax = 100LL * 366 * 86'400'000;  // a century

// Takes exactly `digits` digits from the front.
std::optional<int> takeNumber(std::string_view& text, std::size_t digits) {
    int value = 0;
    if (text.size() < digits) return std::nullopt;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(1);
    return true;
}

// Takes what follows `before`: two digits, `most` at most.
std::optional<int> takePart(std::string_view& text, char before, int most) {
    if (!take(text, before)) return std::nullopt;
    const auto value = takeNumber(text, 2);
    return value && *value <= most ? value : std::nullopt;
}

std::optional<std::chrono::year_month_day> takeDate(std::string_view& text) {
    const auto year = takeNumber(text, 4);
    const auto month = year ? takePart(text, '-', 12) : std::nullopt;
    const auto day = month ? takePart(text, '-', 31) : std::nullopt;
    if (!day) return std::nullopt;
    const auto date = std::chrono::year{*year} / *month / *day;
    return date.ok() ? std::optional(date) : std::nullopt;
}

// ".25" is 250; digits beyond the third one are dropped. 0 where there is none.
std::optional<int> takeMillis(std::string_view& text) {
    if (!take(text, '.')) return 0;
    int millis = 0;
    int place = 100;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        millis += (text[digits] - '0') * place;
        place /= 10;
    }
    text.remove_prefix(digits);
    return digits > 0 ? std::optional(millis) : std::nullopt;
}

// The time of day behind a date, with its offset: milliseconds from the UTC midnight of that date.
std::optional<std::int64_t> takeTime(std::string_view& text) {
    const auto hour = takePart(text, 'T', 23);
    const auto minute = hour ? takePart(text, ':', 59) : std::nullopt;
    if (!minute) return std::nullopt;
    std::int64_t local = (*hour * 60LL + *minute) * 60'000;
    if (text.starts_with(':')) {
        const auto second = takePart(text, ':', 59);
        const auto millis = second ? takeMillis(text) : std::nullopt;
        if (!millis) return std::nullopt;
        local += *second * 1000LL + *millis;
    }
    if (take(text, 'Z')) return local;
    const bool east = text.starts_with('+');
    const auto hours = takePart(text, east ? '+' : '-', 23);
    const auto minutes = hours ? takePart(text, ':', 59) : std::nullopt;
    if (!minutes) return std::nullopt;
    const std::int64_t offset = (*hours * 60LL + *minutes) * 60'000;
    return east ? local - offset : local + offset;
}

// "-7d": how long ago.
std::optional<std::int64_t> millisAgo(std::string_view text) {
    std::int64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [unit, failed] = std::from_chars(text.data() + 1, end, count);
    if (failed != std::errc{} || unit + 1 != end || count < 0) return std::nullopt;
    std::int64_t millis = 1000;
    switch (*unit) {
        case 's': break;
        case 'm': millis *= 60; break;
        case 'h': millis *= 3600; break;
        case 'd': millis *= 86'400; break;
        case 'w': millis *= 7 * 86'400; break;
        default: return std::nullopt;
    }
    return count <= kAgoMax / millis ? std::optional(count * millis) : std::nullopt;
}

std::optional<UnixMillis> timeOf(std::string_view text, const TimeZone& zone, UnixMillis now) {
    if (text.starts_with('-')) {
        const auto ago = millisAgo(text);
        return ago ? std::optional(UnixMillis{now.value - *ago}) : std::nullopt;
    }
    const auto date = takeDate(text);
    if (!date) return std::nullopt;
    if (text.empty()) {
        return zone.startOfDay(static_cast<int>(date->year()), static_cast<unsigned>(date->month()),
                               static_cast<unsigned>(date->day()));
    }
    const auto time = takeTime(text);
    if (!time || !text.empty()) return std::nullopt;
    const std::chrono::milliseconds midnight{std::chrono::sys_days{*date}.time_since_epoch()};
    return UnixMillis{midnight.count() + *time};
}

}  // namespace

Result<UnixMillis> parseTime(std::string_view text, const TimeZone& zone, UnixMillis now) {
    if (const auto time = timeOf(text, zone, now)) return *time;
    return Error{ErrorCode::invalid_value,
                 "\"" + std::string(text.substr(0, 64)) +
                     "\" is no time: give a time with its offset (2026-11-10T14:03:00Z, "
                     "2026-11-10T15:03+01:00), a date (2026-11-10), or how long ago (-7d, -24h, "
                     "-30m)"};
}

}  // namespace parley
