#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/roles.h>
#include <parley/log/database.h>
#include <parley/log/statement_reset.h>
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
    static constexpr int kVersion = 0;

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

inline DashboardTable::DashboardTable(SQLite::Database& db)
    : staff_(db,
             "UPDATE conversation SET staff_count = staff_count + ?2 WHERE conversation = ?1"
             " RETURNING staff_count"),
      user_(db,
            "INSERT INTO active_user (user, conversation_count) VALUES (?1, ?2)"
            " ON CONFLICT (user) DO UPDATE SET"
            " conversation_count = conversation_count + excluded.conversation_count"
            " RETURNING conversation_count"),
      figures_(db,
               "INSERT INTO dashboard (id, active_conversations, total_messages, active_users,"
               " queued_conversations) VALUES (1, ?1, ?2, ?3, ?4)"
               " ON CONFLICT (id) DO UPDATE SET"
               " active_conversations = active_conversations + excluded.active_conversations,"
               " total_messages = total_messages + excluded.total_messages,"
               " active_users = active_users + excluded.active_users,"
               " queued_conversations = queued_conversations + excluded.queued_conversations") {}

inline void DashboardTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (event.type == EventType::conversationStarted) {
        ++gathered_.conversations;
        ++gathered_.queued;  // until an agent or supervisor joins
    } else if (isMessage(event.type)) {
        ++gathered_.messages;
    } else if (isMembership(event.type)) {
        joinOrLeave(change);
    }
}

inline void DashboardTable::joinOrLeave(const ViewChange& change) {
    const auto& event = change.event;
    const bool joins = event.type == EventType::participantJoined;
    const bool took = change.before.has_value();
    const bool wasStaff = took && isStaff(change.before->role);
    const bool staff = joins && isStaff(afterJoin(change.before, event).role);
    if (joins != took) countUser(event, joins ? 1 : -1);
    if (staff != wasStaff) countStaff(event, staff ? 1 : -1);
}

inline void DashboardTable::countStaff(const FoldableEvent& event, int by) {
    const StatementReset guard(staff_);
    staff_.bind(1, event.conversationKey.value);
    staff_.bind(2, by);
    if (!staff_.executeStep()) return;
    const auto staff = staff_.getColumn(0).getInt64();
    if (by > 0 && staff == 1) --gathered_.queued;
    if (by < 0 && staff == 0) ++gathered_.queued;
}

inline void DashboardTable::countUser(const FoldableEvent& event, int by) {
    const StatementReset guard(user_);
    user_.bind(1, event.actorKey.value);
    user_.bind(2, by);
    if (!user_.executeStep()) return;
    const auto conversations = user_.getColumn(0).getInt64();
    if (by > 0 && conversations == 1) ++gathered_.users;
    if (by < 0 && conversations == 0) --gathered_.users;
}

inline void DashboardTable::flush() {
    if (gathered_ == Figures{}) return;
    const StatementReset guard(figures_);
    figures_.bind(1, gathered_.conversations);
    figures_.bind(2, gathered_.messages);
    figures_.bind(3, gathered_.users);
    figures_.bind(4, gathered_.queued);
    figures_.exec();
    gathered_ = {};
}

}  // namespace parley
