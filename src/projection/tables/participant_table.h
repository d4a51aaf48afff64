#pragma once

#include "projection/tables/view_change.h"

#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <optional>

namespace parley {

/// Table `participant`: one row for each user who takes part or took part in a conversation.
class ParticipantTable {
public:
    static constexpr std::array kTables{ViewTable{"participant", "conversation", 4096}};
    static constexpr int kVersion = 2;

    explicit ParticipantTable(SQLite::Database& db);
    /// The actor's stay in the event's conversation; nothing where they take no part.
    std::optional<Stay> stayOf(const FoldableEvent& event);
    /// Whether a customer takes part in the event's conversation who is not its actor.
    bool hasOtherCustomer(const FoldableEvent& event);
    void apply(const ViewChange& change);
    void flush() {}
    void forget() {}

private:
    SQLite::Statement stay_;
    SQLite::Statement customer_;
    SQLite::Statement join_;
    SQLite::Statement leave_;
};

inline ParticipantTable::ParticipantTable(SQLite::Database& db)
    : stay_(db,
            "SELECT role, joined_at, joined_position, hidden FROM participant"
            " WHERE conversation = ?1 AND user = ?2 AND left_at IS NULL"),
      customer_(db,
                "SELECT 1 FROM participant WHERE conversation = ?1 AND user <> ?2 AND role = ?3"
                " AND left_at IS NULL LIMIT 1"),
      join_(db,
            "INSERT INTO participant (conversation, user, role, joined_at, joined_position, hidden)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            " ON CONFLICT (conversation, user) DO UPDATE SET role = excluded.role,"
            " joined_at = excluded.joined_at, joined_position = excluded.joined_position,"
            " hidden = excluded.hidden,"
            " left_at = NULL, left_cause = NULL, left_position = NULL"),
      leave_(db,
             "UPDATE participant SET left_at = ?3, left_cause = nullif(?5, ''),"
             " left_position = ?4"
             " WHERE conversation = ?1 AND user = ?2") {}

inline std::optional<Stay> ParticipantTable::stayOf(const FoldableEvent& event) {
    const StatementReset guard(stay_);
    stay_.bind(1, event.conversationKey.value);
    stay_.bind(2, event.actorKey.value);
    if (!stay_.executeStep()) return std::nullopt;
    return Stay{static_cast<UserRole>(stay_.getColumn(0).getInt()),
                {stay_.getColumn(1).getInt64()},
                {stay_.getColumn(2).getInt64()},
                stay_.getColumn(3).getInt() != 0};
}

inline bool ParticipantTable::hasOtherCustomer(const FoldableEvent& event) {
    return numberFrom(customer_, event.conversationKey.value, event.actorKey.value,
                      static_cast<int>(UserRole::customer))
        .has_value();
}

inline void ParticipantTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (event.type == EventType::participantJoined) {
        const Stay stay = afterJoin(change.before, event);
        execute(join_, event.conversationKey.value, event.actorKey.value,
                static_cast<int>(stay.role), stay.joinedAt.value, stay.joinedPosition.value,
                stay.hidden ? 1 : 0);
    } else if (event.type == EventType::participantLeft) {
        leave_.reset();
        leave_.bind(5, event.cause);
        execute(leave_, event.conversationKey.value, event.actorKey.value, event.at.value,
                event.position.value);
    }
}

}  // namespace parley
