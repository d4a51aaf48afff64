#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// A time as a clock on a wall of some zone shows it (proleptic Gregorian calendar).
struct LocalTime {
    int year = 1970;
    unsigned month = 1;  ///< 1 to 12
    unsigned day = 1;    ///< 1 to 31
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;  ///< 0 to 59: there are no leap seconds
    unsigned millisecond = 0;
    std::chrono::seconds offset{};  ///< what this clock is ahead of UTC
    bool operator==(const LocalTime&) const = default;
};

/// From when on a zone's clocks have which offset.
struct OffsetChange {
    std::int64_t from;    ///< Unix seconds
    std::int32_t offset;  ///< seconds ahead of UTC
    bool operator==(const OffsetChange&) const = default;
};

/// The rules of one place for its clocks, summer time included, as the machine's tz database has
/// them: read once from `/usr/share/zoneinfo` (RFC 8536; Debian's package tzdata). Neither the
/// variable TZ nor the machine's own zone counts. A value; any thread.
class TimeZone {
public:
    /// Needs no file.
    static TimeZone utc();
    /// The zone of that name in the tz database, such as "Europe/Berlin"; "UTC" needs no file.
    /// Names are compared letter by letter. Refuses with `invalid_value` a name that the database
    /// does not have, and a file that cannot be read.
    static Result<TimeZone> of(std::string_view name);

    /// As `of` was given it.
    const std::string& name() const { return name_; }
    /// What the zone's clocks are ahead of UTC at `at`; negative west of Greenwich.
    std::chrono::seconds offset(UnixMillis at) const;
    LocalTime at(UnixMillis at) const;
    /// ISO 8601 with milliseconds: "2026-11-10T15:03:00.000+01:00", in UTC with "Z" as toIso8601
    /// gives it. Where clocks go back, the offset tells the two hours apart. Offsets before 1972
    /// may have seconds, which are left out. REQUIRES: a local year of four digits.
    std::string iso(UnixMillis at) const;
    /// The first moment of that day. Where clocks are put forward over midnight, that is not
    /// 00:00. REQUIRES: the date exists, and its year has four digits.
    UnixMillis startOfDay(int year, unsigned month, unsigned day) const;

private:
    TimeZone(std::string name, std::vector<OffsetChange> changes)
        : name_(std::move(name)), changes_(std::move(changes)) {}
    std::vector<OffsetChange>::const_iterator changeAt(std::int64_t second) const;

    std::string name_;
    std::vector<OffsetChange> changes_;  // the first one is from the beginning of time
};

}  // namespace parley
