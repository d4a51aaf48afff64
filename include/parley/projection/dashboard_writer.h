#pragma once

#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <cstdint>

namespace parley {

/// Keeps the figures that dashboards ask for, as counters: counting them from the rows takes
/// seconds where there are many conversations. Like ViewWriter, whose part it is: inside the
/// transaction that appends the events; what is counted is gathered and written once by `flush`.
/// No event closes a conversation yet: all that were started are active.
class DashboardWriter {
public:
    /// REQUIRES: `db` outlives it. SQLite's exceptions pass through.
    explicit DashboardWriter(SQLite::Database& db);

    void started();
    void message() { ++gathered_.messages; }
    /// REQUIRES, for both: the participant's row is still as it was before the event.
    void joins(const Event& event);
    void leaves(const Event& event);
    /// Writes what was gathered. REQUIRED before the commit.
    void flush();
    /// Forgets what was gathered, because the transaction was rolled back.
    void forget() { gathered_ = {}; }

private:
    struct Figures {
        std::int64_t conversations = 0;
        std::int64_t messages = 0;
        std::int64_t users = 0;
        std::int64_t queued = 0;
        bool operator==(const Figures&) const = default;
    };
    struct Presence {
        bool present = false;
        bool staff = false;  ///< and is present
    };
    Presence presenceOf(const Event& event);
    void countStaff(const Event& event, int by);
    void countUser(const Event& event, int by);

    Figures gathered_;
    SQLite::Statement participant_;
    SQLite::Statement staff_;
    SQLite::Statement user_;
    SQLite::Statement figures_;
};

}  // namespace parley
