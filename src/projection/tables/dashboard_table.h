#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/roles.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

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
    std::size_t gathered() const { return gathered_.staff.size() + gathered_.users.size(); }

private:
    // What is to be added.
    struct Gathered {
        std::int64_t conversations = 0;
        std::int64_t messages = 0;
        std::unordered_map<ConversationKey, std::int64_t> staff;  ///< who take part in it
        std::unordered_map<UserKey, std::int64_t> users;          ///< conversations of each
    };
    void joinOrLeave(const ViewChange& change);
    std::int64_t writeStaff();
    std::int64_t writeUsers();

    Gathered gathered_;
    SQLite::Statement staffOf_;
    SQLite::Statement staff_;
    SQLite::Statement conversationsOf_;
    SQLite::Statement user_;
    SQLite::Statement figures_;
};

// Each count is read before it is written. RETURNING would say it, but makes and drops a table in
// memory at each call, which takes several times as long as the read.
inline DashboardTable::DashboardTable(SQLite::Database& db)
    : staffOf_(db, "SELECT staff_count FROM conversation WHERE conversation = ?1"),
      staff_(db, "UPDATE conversation SET staff_count = staff_count + ?2 WHERE conversation = ?1"),
      conversationsOf_(db, "SELECT conversation_count FROM active_user WHERE user = ?1"),
      user_(db,
            "INSERT INTO active_user (user, conversation_count) VALUES (?1, ?2)"
            " ON CONFLICT (user) DO UPDATE SET"
            " conversation_count = conversation_count + excluded.conversation_count"),
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
    if (joins != took) gathered_.users[event.actorKey] += joins ? 1 : -1;
    if (staff != wasStaff) gathered_.staff[event.conversationKey] += staff ? 1 : -1;
}

// Returns how many conversations more are without staff, of those that it writes.
inline std::int64_t DashboardTable::writeStaff() {
    std::int64_t queued = 0;
    for (const auto& [conversation, more] : gathered_.staff) {
        const auto before = numberFrom(staffOf_, conversation.value);
        if (!before || more == 0) continue;
        execute(staff_, conversation.value, more);
        if (*before == 0) --queued;
        if (*before + more == 0) ++queued;
    }
    return queued;
}

// Returns how many users more take part in a conversation, of those that it writes. A user whose
// count is as before has a row even so.
inline std::int64_t DashboardTable::writeUsers() {
    std::int64_t active = 0;
    for (const auto& [user, more] : gathered_.users) {
        const auto before = numberFrom(conversationsOf_, user.value).value_or(0);
        execute(user_, user.value, more);
        if (before == 0 && more > 0) ++active;
        if (before > 0 && before + more == 0) --active;
    }
    return active;
}

inline void DashboardTable::flush() {
    const auto& [conversations, messages, staff, users] = gathered_;
    if (conversations == 0 && messages == 0 && staff.empty() && users.empty()) return;
    // A conversation begins without staff.
    const auto queued = conversations + writeStaff();
    execute(figures_, conversations, messages, writeUsers(), queued);
    gathered_ = {};
}

}  // namespace parley
