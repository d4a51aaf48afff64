#pragma once

#include "audit/tables/audit_change.h"

#include <parley/log/database.h>
#include <parley/log/execute.h>

#include <array>

namespace parley::audit {

/// Table `stay`: every stay of a user in a conversation.
class StayTable {
public:
    static constexpr std::array kTables{"stay"};
    static constexpr int kVersion = 1;

    explicit StayTable(SQLite::Database& db);
    void apply(const AuditChange& change);
    void flush() {}
    void forget() {}

private:
    SQLite::Statement begin_;
    SQLite::Statement end_;
};

inline StayTable::StayTable(SQLite::Database& db)
    : begin_(db,
             "INSERT INTO stay (conversation, user, joined_position, role, joined_at)"
             " VALUES (?1, ?2, ?3, ?4, ?5)"),
      end_(db,
           "UPDATE stay SET left_position = ?4, left_at = ?5, end = ?6"
           " WHERE conversation = ?1 AND user = ?2 AND joined_position = ?3") {}

inline void StayTable::apply(const AuditChange& change) {
    const auto& event = change.event;
    if (const auto& ended = change.stays.ended) {
        execute(end_, event.conversationKey.value, ended->stay.user.value, ended->stay.joined.value,
                event.position.value, event.at.value, static_cast<int>(ended->end));
    }
    if (const auto& begun = change.stays.begun) {
        execute(begin_, event.conversationKey.value, begun->user.value, begun->joined.value,
                static_cast<int>(begun->role), event.at.value);
    }
}

}  // namespace parley::audit
