#include "core/zone_file.h"

#include <parley/core/time_zone.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

namespace parley {
namespace {

constexpr const char* kZoneFolder = "/usr/share/zoneinfo";
constexpr std::size_t kNameBytesMax = 64;
// No zone is so far from UTC.
constexpr std::int64_t kOffsetMax = 26 * 3600;

bool isName(std::string_view name) {
    constexpr std::string_view kAllowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return !name.empty() && name.size() <= kNameBytesMax && name.front() != '/' &&
           name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Error noZone(std::string_view name) {
    std::error_code failed;
    std::string message = "there is no time zone \"" + std::string(name) + "\"";
    if (std::filesystem::is_directory(kZoneFolder, failed)) {
        message += "; names are those of the tz database, such as Europe/Berlin or UTC";
    } else {
        message += std::string(" in ") + kZoneFolder + ": the package tzdata is not installed";
    }
    return {ErrorCode::invalid_value, std::move(message)};
}

std::chrono::sys_time<std::chrono::milliseconds> timeOf(UnixMillis at) {
    return std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{at.value}};
}

std::int64_t secondOf(UnixMillis at) {
    return std::chrono::floor<std::chrono::seconds>(timeOf(at)).time_since_epoch().count();
}

}  // namespace

TimeZone TimeZone::utc() {
    return {"UTC", {{std::numeric_limits<std::int64_t>::min(), 0}}};
}

Result<TimeZone> TimeZone::of(std::string_view name) {
    if (name == "UTC") return utc();
    if (!isName(name)) return noZone(name);
    const auto file = std::filesystem::path(kZoneFolder) / name;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(file, failed)) return noZone(name);
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!bytes.starts_with("TZif")) return noZone(name);  // a list of zones, or the like
    auto changes = readZoneFile(bytes);
    if (!in || !changes) {
        return Error{ErrorCode::invalid_value,
                     "\"" + file.string() + "\" cannot be read as a time zone"};
    }
    return TimeZone(std::string(name), std::move(*changes));
}

std::vector<OffsetChange>::const_iterator TimeZone::changeAt(std::int64_t second) const {
    const auto after =
        std::upper_bound(changes_.begin(), changes_.end(), second,
                         [](std::int64_t at, const auto& change) { return at < change.from; });
    return std::prev(after);
}

std::chrono::seconds TimeZone::offset(UnixMillis at) const {
    return std::chrono::seconds{changeAt(secondOf(at))->offset};
}

LocalTime TimeZone::at(UnixMillis at) const {
    using namespace std::chrono;
    const auto ahead = offset(at);
    const auto local = timeOf(at) + ahead;
    const auto day = floor<days>(local);
    const year_month_day date{day};
    const hh_mm_ss time{local - day};
    return {.year = static_cast<int>(date.year()),
            .month = static_cast<unsigned>(date.month()),
            .day = static_cast<unsigned>(date.day()),
            .hour = static_cast<unsigned>(time.hours().count()),
            .minute = static_cast<unsigned>(time.minutes().count()),
            .second = static_cast<unsigned>(time.seconds().count()),
            .millisecond = static_cast<unsigned>(time.subseconds().count()),
            .offset = ahead};
}

std::string TimeZone::iso(UnixMillis at) const {
    if (name_ == "UTC") return toIso8601(at);
    const auto ahead = offset(at);
    std::string out = toIso8601({at.value + ahead.count() * 1000});
    out.pop_back();
    const auto minutes = std::abs(ahead.count()) / 60;
    char text[16];
    std::snprintf(text, sizeof text, "%c%02d:%02d", ahead.count() < 0 ? '-' : '+',
                  static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
    return out + text;
}

UnixMillis TimeZone::startOfDay(int year, unsigned month, unsigned day) const {
    using namespace std::chrono;
    const sys_days date{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)};
    const auto midnight = seconds{date.time_since_epoch()}.count();
    // The first second at which the zone's clocks show midnight or later.
    auto change = changeAt(midnight - kOffsetMax);
    for (auto next = std::next(change); next != changes_.end(); change = next++) {
        if (midnight - change->offset < next->from) break;
    }
    return {std::max(midnight - change->offset, change->from) * 1000};
}

}  // namespace parley
