#include "app/generate/rhythm.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace parley::app::generate {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::array kHours{0.12, 0.08, 0.06, 0.05, 0.06, 0.12, 0.30, 0.60, 0.90, 1.15, 1.25, 1.20,
                            1.00, 1.05, 1.20, 1.25, 1.10, 0.90, 0.75, 0.65, 0.55, 0.45, 0.32, 0.20};
constexpr std::array kWeekdays{0.35, 1.20, 1.10, 1.05, 1.05, 0.95, 0.45};  // from Sunday
constexpr double kBusyDays = 1.0 / 40;
constexpr double kBusyDay = 1.8;
constexpr double kGrowth = 0.3;  // from the first day to the last

std::size_t hourOf(UnixMillis at) {
    return static_cast<std::size_t>(at.value / kHourMs % 24);
}

std::size_t weekdayOf(UnixMillis at) {
    using namespace std::chrono;
    const sys_days day{days{at.value / (24 * kHourMs)}};
    return weekday{day}.c_encoding();
}

}  // namespace

Rhythm::Rhythm(UnixMillis end, int days, Dice dice) : begin_{end.value - days * 24 * kHourMs} {
    double sum = 0;
    for (int day = 0; day < days; ++day) {
        const double growth = 1 + kGrowth * day / days;
        const double busy = dice.chance(kBusyDays) ? kBusyDay : 0.9 + 0.2 * dice.share();
        for (int hour = 0; hour < 24; ++hour) {
            const UnixMillis at{begin_.value + (day * 24LL + hour) * kHourMs};
            sum += growth * busy * kWeekdays[weekdayOf(at)] * kHours[hourOf(at)];
            sums_.push_back(sum);
        }
    }
}

UnixMillis Rhythm::at(double share) const {
    const double wanted = share * sums_.back();
    const auto hour = std::upper_bound(sums_.begin(), std::prev(sums_.end()), wanted);
    const double before = hour == sums_.begin() ? 0 : *std::prev(hour);
    const double part = (wanted - before) / (*hour - before);
    const auto inHour = static_cast<std::int64_t>(part * static_cast<double>(kHourMs));
    return {begin_.value + (hour - sums_.begin()) * kHourMs +
            std::clamp<std::int64_t>(inHour, 0, kHourMs - 1)};
}

double Rhythm::slowness(UnixMillis at) {
    const double weekend = kWeekdays[weekdayOf(at)] < 0.5 ? 2.0 : 1.0;
    const auto hour = hourOf(at);
    if (hour >= 7 && hour < 20) return weekend;
    return weekend * (hour >= 20 || hour < 1 ? 2.5 : 5.0);
}

}  // namespace parley::app::generate
