#pragma once

#include "projection/tables/view_change.h"

#include <parley/log/database.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <cstdint>

namespace parley {

/// Tables `dashboard` and `active_user`, and column `staff_count` of `conversation`: the figures
/// that dashboards ask for, as counters. Counting them from the rows takes seconds where there are
/// many conversations. What is counted is gathered, and written once. No event closes a
/// conversation yet: every conversation that was started is active.
class DashboardTable {
public:
    static constexpr std::array kTables{ViewTable{"active_user", "user", 4096},
                                        ViewTable{"dashboard", "id", 4096}};

    explicit DashboardTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush();
    void forget() { gathered_ = {}; }

private:
    struct Figures {
        std::int64_t conversations = 0;
        std::int64_t messages = 0;
        std::int64_t users = 0;
        std::int64_t queued = 0;
        bool operator==(const Figures&) const = default;
    };
    void joinOrLeave(const ViewChange& change);
    void countStaff(const FoldableEvent& event, int by);
    void countUser(const FoldableEvent& event, int by);

    Figures gathered_;
    SQLite::Statement staff_;
    SQLite::Statement user_;
    SQLite::Statement figures_;
};

}  // namespace parley
