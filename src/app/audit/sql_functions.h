#pragma once

#include <parley/core/result.h>
#include <parley/core/time_zone.h>
#include <parley/log/database.h>

#include <memory>

namespace parley::app::audit {

/// What a person may use in SQL beside SQLite's own functions, on the connection `db`:
///     position_at(time)                   the last event whose time is not later than `time`, a
///                                         text as `--from` takes it; 0: there is none
///     visible_to(role, user, position)    1: a user in that role may see the event; 0: they may
///                                         not; NULL: there is no such event. By what the event is
///                                         alone, whether or not the user was there
///     percentile(x, p)                    aggregate: by nearest rank; p from 0 to 100
/// The connection has them for as long as this object lives.
class SqlFunctions {
public:
    /// `zone`: of dates without an offset. SQLite's exceptions pass through. REQUIRES: `db` has the
    /// public views and outlives this.
    SqlFunctions(Database& db, const TimeZone& zone);
    ~SqlFunctions();
    SqlFunctions(const SqlFunctions&) = delete;
    SqlFunctions& operator=(const SqlFunctions&) = delete;

    struct State;

private:
    std::unique_ptr<State> state_;
};

/// From now on the connection reads and computes and does nothing else: no ATTACH, PRAGMA, writing
/// or functions that touch files, whatever the statement. What was attached stays.
/// Texts and bytes are bounded by kLengthMax. SQLite's exceptions pass through.
void allowOnlySelect(Database& db);

inline constexpr int kLengthMax = 64 * 1024 * 1024;

}  // namespace parley::app::audit
