#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <optional>

namespace parley {

/// The moment after one event of the log. A value.
struct LogMoment {
    Position position;  ///< of that event; 0: before the first one
    UnixMillis at;      ///< its time; 0 before the first one
    bool operator==(const LogMoment&) const = default;
};

/// The way from times to positions and back. `at` never falls along the log, so a time is found by
/// halves: twice the logarithm of the log's length in look-ups, and no index. One thread at a time.
/// Refuses as Database::query does. Each call is a read transaction of its own, unless the caller
/// has opened one.
class LogTimes {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit LogTimes(Database& db);

    /// After the last event.
    Result<LogMoment> head();
    /// After the event at `position`; nothing where the log ends before it.
    Result<std::optional<LogMoment>> at(Position position);
    /// After the last event whose time is not later than `time`.
    Result<LogMoment> at(UnixMillis time);

private:
    // These throw SQLite::Exception.
    LogMoment readHead();
    std::int64_t timeOf(std::int64_t position);

    Database& db_;
    SQLite::Statement head_;
    SQLite::Statement at_;
};

}  // namespace parley
