#pragma once

#include "audit/tables/audit_change.h"

#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace parley::audit {

/// Table `user_event`: which events each user caused, but for typing, and in how many conversations
/// the user was after each join and leave. Gathered, and written in the order of the table: many
/// rows then fall into the same page.
class UserEventTable {
public:
    static constexpr std::array kTables{"user_event"};
    static constexpr int kVersion = 2;

    explicit UserEventTable(SQLite::Database& db);
    void apply(const AuditChange& change);
    void flush();
    void forget() { rows_.clear(); }

private:
    struct Row {
        UserKey user;
        Position position;
        UnixMillis at;
        ConversationKey conversation;
        EventType type;
        std::optional<UserRole> role;
        std::optional<std::int64_t> openStays;
    };
    std::vector<Row> rows_;  // of the chunk
    SQLite::Statement insert_;
};

inline UserEventTable::UserEventTable(SQLite::Database& db)
    : insert_(db,
              "INSERT INTO user_event (user, position, at, conversation, type, role, open_stays)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)") {}

inline void UserEventTable::apply(const AuditChange& change) {
    const auto& event = change.event;
    if (isTyping(event.type)) return;
    rows_.push_back({event.actorKey, event.position, event.at, event.conversationKey, event.type,
                     change.role, change.openStays});
}

inline void UserEventTable::flush() {
    // Rows of one user come in the order of positions already.
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Row& a, const Row& b) { return a.user < b.user; });
    for (const auto& row : rows_) {
        const StatementReset guard(insert_);
        bindNumbers(insert_, row.user.value, row.position.value, row.at.value,
                    row.conversation.value, static_cast<int>(row.type));
        row.role ? insert_.bind(6, static_cast<int>(*row.role)) : insert_.bind(6);
        row.openStays ? insert_.bind(7, *row.openStays) : insert_.bind(7);
        insert_.exec();
    }
    rows_.clear();
}

}  // namespace parley::audit
