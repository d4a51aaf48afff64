#pragma once

#include <parley/domain/conversation_state.h>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <string>

namespace parley {

/// The beginning of a query for the participants of a conversation who have not left: bind it, and
/// append a condition or an order on `p`, the table `participant`.
inline std::string selectParticipants() {
    return "SELECT u.id, p.user, p.role, p.joined_at, p.joined_position, p.hidden FROM participant "
           "AS p"
           " JOIN user_key AS u ON u.key = p.user WHERE p.conversation = ? AND p.left_at IS NULL ";
}

/// The participant in a row of such a query.
inline Participant participantOf(SQLite::Statement& row) {
    return {UserId::fromStored(row.getColumn(0).getString()), UserKey{row.getColumn(1).getInt64()},
            static_cast<UserRole>(row.getColumn(2).getInt()),
            UnixMillis{row.getColumn(3).getInt64()}, row.getColumn(5).getInt() != 0};
}

/// The position of their join.
inline Position joinedPositionOf(SQLite::Statement& row) {
    return {row.getColumn(4).getInt64()};
}

}  // namespace parley
