#include "core/zone_file.h"
#include "core/zone_rule.h"

#include <parley/core/time_text.h>
#include <parley/core/time_zone.h>

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

using namespace parley;
using namespace std::chrono_literals;

namespace {

UnixMillis utc(std::string_view text) {
    return parseTime(text, TimeZone::utc(), {}).value();
}

TimeZone zoneOf(std::string_view name) {
    return TimeZone::of(name).value();
}

std::string startOf(const TimeZone& zone, int year, unsigned month, unsigned day) {
    return zone.iso(zone.startOfDay(year, month, day));
}

}  // namespace

TEST_CASE("UTC is ahead of itself by nothing, and needs no name of a place") {
    const auto zone = zoneOf("UTC");
    CHECK(zone.iso({1'700'000'000'123}) == "2023-11-14T22:13:20.123Z");
    CHECK(zone.offset({0}) == 0s);
    CHECK(startOf(zone, 2026, 2, 28) == "2026-02-28T00:00:00.000Z");
}

TEST_CASE("a zone that is no whole hour from UTC has its own days") {
    const auto zone = zoneOf("Asia/Kolkata");
    CHECK(zone.name() == "Asia/Kolkata");
    CHECK(zone.iso(utc("2026-11-10T20:03:00.250Z")) == "2026-11-11T01:33:00.250+05:30");
    CHECK(zone.startOfDay(2026, 11, 11) == utc("2026-11-10T18:30Z"));
    const LocalTime local = zone.at(utc("2026-11-10T20:03:04.250Z"));
    CHECK(local == LocalTime{.year = 2026,
                             .month = 11,
                             .day = 11,
                             .hour = 1,
                             .minute = 33,
                             .second = 4,
                             .millisecond = 250,
                             .offset = 5h + 30min});
}

TEST_CASE("clocks that are put forward or back change the offset at that second") {
    const auto zone = zoneOf("Europe/Berlin");
    CHECK(zone.iso(utc("2026-03-29T00:59:59.999Z")) == "2026-03-29T01:59:59.999+01:00");
    CHECK(zone.iso(utc("2026-03-29T01:00Z")) == "2026-03-29T03:00:00.000+02:00");
    // The hour that happens twice.
    CHECK(zone.iso(utc("2026-10-25T00:30Z")) == "2026-10-25T02:30:00.000+02:00");
    CHECK(zone.iso(utc("2026-10-25T01:30Z")) == "2026-10-25T02:30:00.000+01:00");
    const auto hours = [&](unsigned month, unsigned day) {
        return (zone.startOfDay(2026, month, day + 1).value -
                zone.startOfDay(2026, month, day).value) /
               3'600'000;
    };
    CHECK(hours(3, 28) == 24);
    CHECK(hours(3, 29) == 23);
    CHECK(hours(10, 25) == 25);
}

TEST_CASE("rules go on after the last change that a zone's file has") {
    const auto zone = zoneOf("Europe/Berlin");
    CHECK(zone.iso(utc("2150-07-01T12:00Z")) == "2150-07-01T14:00:00.000+02:00");
    CHECK(zone.iso(utc("2150-12-01T12:00Z")) == "2150-12-01T13:00:00.000+01:00");
    const auto west = zoneOf("America/St_Johns");
    CHECK(west.iso(utc("2099-12-01T12:00Z")) == "2099-12-01T08:30:00.000-03:30");
}

TEST_CASE("where midnight is skipped, the day begins at the change") {
    CHECK(startOf(zoneOf("America/Sao_Paulo"), 2018, 11, 4) == "2018-11-04T01:00:00.000-02:00");
    // Clocks went back from midnight to 23:00: the day before has two such hours.
    CHECK(startOf(zoneOf("America/Sao_Paulo"), 2018, 2, 18) == "2018-02-18T00:00:00.000-03:00");
    // Samoa skipped the whole of this day.
    CHECK(startOf(zoneOf("Pacific/Apia"), 2011, 12, 30) == "2011-12-31T00:00:00.000+14:00");
}

TEST_CASE("each day begins when its date is first shown, in zones of all kinds") {
    for (const char* name : {"Europe/Berlin", "Europe/Dublin", "Asia/Kolkata", "America/New_York",
                             "Australia/Lord_Howe", "Africa/Casablanca", "America/Havana"}) {
        const auto zone = zoneOf(name);
        for (std::chrono::sys_days day = std::chrono::year{2023} / 1 / 1;
             day < std::chrono::year{2027} / 1 / 1; day += std::chrono::days{1}) {
            const std::chrono::year_month_day date{day};
            const auto month = static_cast<unsigned>(date.month());
            const auto dayOfMonth = static_cast<unsigned>(date.day());
            const auto start = zone.startOfDay(static_cast<int>(date.year()), month, dayOfMonth);
            const auto first = zone.at(start);
            const auto before = zone.at({start.value - 1});
            INFO(name << ' ' << zone.iso(start));
            REQUIRE((first.month == month && first.day == dayOfMonth));
            REQUIRE(before.day != dayOfMonth);
        }
    }
}

TEST_CASE("a name that the tz database does not have is refused") {
    for (const char* name :
         {"", "Europe/Berlim", "europe/berlin", "Europe", "/etc/passwd", "../../../etc/passwd",
          "Europe/../Europe/Berlin", "zone.tab", "Europe/Berlin ", "tzdata.zi"}) {
        const auto zone = TimeZone::of(name);
        INFO(name);
        REQUIRE_FALSE(zone.ok());
        CHECK(zone.error().code == ErrorCode::invalid_value);
        CHECK(zone.error().message.find(std::string("\"") + name + "\"") != std::string::npos);
    }
}

TEST_CASE("a zone with leap seconds, or a file that was cut, is none") {
    CHECK_FALSE(readZoneFile("").has_value());
    CHECK_FALSE(readZoneFile("TZif2").has_value());
    CHECK_FALSE(TimeZone::of("right/Europe/Berlin").ok());
}

TEST_CASE("rules are read in every form that POSIX and RFC 8536 allow") {
    const auto after = [](std::string_view rule, std::string_view at) {
        std::vector<OffsetChange> changes{{std::numeric_limits<std::int64_t>::min(), 0}};
        REQUIRE(appendRule(rule, changes));
        std::int32_t offset = 0;
        for (const auto& change : changes) {
            if (change.from * 1000 <= utc(at).value || change.from < -1'000'000'000'000) {
                offset = change.offset;
            }
        }
        return offset;
    };
    CHECK(after("<+0330>-3:30", "2026-07-01") == 12'600);
    CHECK(after("EST5EDT,M3.2.0,M11.1.0", "2026-07-01") == -4 * 3600);
    CHECK(after("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00Z") == -5 * 3600);
    CHECK(after("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59Z") == -4 * 3600);
    CHECK(after("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01") == 0);
    CHECK(after("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00Z") == -3600);
    // J60 is the 1st of March in every year, 60 is it in leap years alone.
    CHECK(after("AAA0BBB-1,J60/0,J300/0", "2024-02-29T23:59Z") == 0);
    CHECK(after("AAA0BBB-1,J60/0,J300/0", "2024-03-01") == 3600);
    CHECK(after("AAA0BBB-1,60/0,300/0", "2024-03-01") == 3600);
    CHECK(after("AAA0BBB-1,60/0,300/0", "2026-03-01") == 0);
    for (const char* bad : {"A", "AAA", "AAA0BBB,M13.1.0,M10.1.0", "AAA0BBB,M3.1.0", "AAA0BBB",
                            "AAA0BBB,J0,J300", "AAA0BBB,M3.1.0,M10.1.0x", "<AAA0", "AAA200"}) {
        std::vector<OffsetChange> changes{{std::numeric_limits<std::int64_t>::min(), 0}};
        INFO(bad);
        CHECK_FALSE(appendRule(bad, changes));
        CHECK(changes.size() == 1);
    }
}
