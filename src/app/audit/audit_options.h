#pragma once

#include "app/audit/row_writer.h"
#include "app/commands.h"

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/core/time_zone.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace parley::app::audit {

/// A time, or a place in the log.
using TimeOrPosition = std::variant<UnixMillis, Position>;

/// What stood behind `parley audit` or `parley sql`, read.
struct AuditOptions {
    std::filesystem::path data;                 ///< the data folder; not used where there is a file
    std::optional<std::filesystem::path> file;  ///< a backup
    std::filesystem::path scratch;              ///< where an audit.db may be built for the moment
    std::optional<UnixMillis> from;             ///< included
    std::optional<UnixMillis> to;               ///< not included
    std::optional<TimeOrPosition> at;
    TimeZone zone = TimeZone::utc();
    Format format = Format::table;
    bool raw = false;
    std::chrono::milliseconds wait{2000};
    std::chrono::milliseconds timeLimit{30'000};
    std::optional<std::int64_t> limit;
    std::int64_t rowsMax = 0;  ///< `limit`, or the question's own; 0: all rows
    bool explain = false;
    bool showSql = false;
    std::vector<std::string> durations;  ///< columns of the answer: a table has them in words
    Given given;  ///< all of it; conversation, user and role are taken from here
};

/// Refuses with `invalid_value` what cannot be used. `now`: what "-7d" counts from.
Result<AuditOptions> auditOptions(const Given& given, UnixMillis now);

/// The options that both commands have, for the table of commands; `parley audit` has more.
std::vector<OptionInfo> sourceOptions();
std::vector<OptionInfo> questionOptions();

}  // namespace parley::app::audit
