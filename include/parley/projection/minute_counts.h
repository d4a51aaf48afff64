#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/roles.h>
#include <parley/log/database.h>
#include <parley/log/read/log_times.h>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace parley {

/// What happened in each of the last minutes: counts in memory, shared by all readers. The writer
/// does nothing for them: who asks reads on in the log from where the last one stopped. Any thread.
class MinuteCounts {
public:
    static constexpr int kMinutesMax = 1440;
    /// Of the log that one call looks at. Where more is new, the counts begin anew with the last of
    /// them.
    static constexpr std::int64_t kEventsMax = 200'000;

    struct Minute {
        UnixMillis at;                                           ///< when it begins
        std::array<std::int64_t, kUserRoles.size()> messages{};  ///< the role with number n: n - 1
        std::int64_t started = 0;                                ///< conversations
    };
    struct Answer {
        std::vector<Minute> minutes;  ///< without a gap, the oldest first; the last one goes on
        std::optional<UnixMillis> completeSince;  ///< earlier minutes lack events; nothing: none
        Position upTo;                            ///< the last event that is counted
    };

    /// The last `count` minutes, 1 to kMinutesMax. Counts that were read count also where it
    /// refuses: as Database::query does. The thread of `db`.
    Result<Answer> read(Database& db, LogTimes& times, UnixMillis now, int count);

private:
    Result<void> begin(LogTimes& times, const LogMoment& head, std::int64_t minute);
    Result<void> readOn(Database& db, Position head);
    void count(std::map<std::int64_t, Minute>& minutes, const FoldableEvent& event) const;

    std::mutex mutex_;
    bool begun_ = false;
    Position reached_;
    std::optional<UnixMillis> completeSince_;
    std::map<std::int64_t, Minute> minutes_;  // by their number since 1970
};

}  // namespace parley
