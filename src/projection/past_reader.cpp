#include <parley/log/sql_lists.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/past_reader.h>

#include <vector>

namespace parley {
namespace {

// From the columns role, joined_at and joined_position.
Stay stayOf(SQLite::Statement& row) {
    return {static_cast<UserRole>(row.getColumn(0).getInt()),
            {row.getColumn(1).getInt64()},
            {row.getColumn(2).getInt64()}};
}

}  // namespace

PastReader::PastReader(Database& db)
    : db_(db),
      // One statement, one snapshot: what came since is taken off today's count.
      messageCountAt_(db.sqlite(),
                      "SELECT (SELECT message_count FROM conversation WHERE conversation = ?1) -"
                      " (SELECT count(*) FROM event WHERE conversation = ?1 AND seq > ?2"
                      "   AND type IN " +
                          sqlTypes(EventKind::message) + ")"),
      participant_(db.sqlite(),
                   "SELECT role, joined_at, joined_position FROM participant"
                   " WHERE conversation = ? AND user = ?"),
      membership_(db.sqlite(),
                  "SELECT type, at, role, position FROM event WHERE conversation = ? AND seq <= ?"
                  " AND actor = ? AND type IN " +
                      sqlTypes(EventKind::membership) + " ORDER BY seq DESC") {}

Result<std::int64_t> PastReader::messageCountAt(ConversationKey conversation, Seq seq) {
    return db_.query([&]() -> std::int64_t {
        const StatementReset guard(messageCountAt_);
        messageCountAt_.bind(1, conversation.value);
        messageCountAt_.bind(2, seq.value);
        return messageCountAt_.executeStep() ? messageCountAt_.getColumn(0).getInt64() : 0;
    });
}

Result<Participant> PastReader::participantAt(const Event& event) {
    const bool joins = event.type == EventType::participantJoined;
    return db_.query([&] {
        Stay stay = afterJoin(std::nullopt, event);
        const StatementReset guard(participant_);
        participant_.bind(1, event.conversationKey.value);
        participant_.bind(2, event.actorKey.value);
        if (participant_.executeStep()) {
            const Stay last = stayOf(participant_);
            if (last.joinedPosition <= event.position) {
                stay = joins ? afterJoin(last, event) : last;
            } else if (const auto earlier = earlierStay(event)) {  // they have come back since
                stay = *earlier;
            }
        }
        return Participant{event.actor, event.actorKey, stay.role, stay.joinedAt};
    });
}

// Folds the joins since the last leave before the event: a stay begins with the first of them.
std::optional<Stay> PastReader::earlierStay(const Event& event) {
    const bool joins = event.type == EventType::participantJoined;
    const StatementReset guard(membership_);
    membership_.bind(1, event.conversationKey.value);
    membership_.bind(2, joins ? event.seq.value : event.seq.value - 1);
    membership_.bind(3, event.actorKey.value);
    std::vector<FoldableEvent> newestFirst;
    while (membership_.executeStep()) {
        FoldableEvent membership;
        membership.type = static_cast<EventType>(membership_.getColumn(0).getInt());
        if (membership.type == EventType::participantLeft) break;
        membership.at = {membership_.getColumn(1).getInt64()};
        membership.position = {membership_.getColumn(3).getInt64()};
        if (const auto role = membership_.getColumn(2); !role.isNull()) {
            membership.role = static_cast<UserRole>(role.getInt());
        }
        newestFirst.push_back(membership);
    }
    std::optional<Stay> stay;
    for (auto join = newestFirst.rbegin(); join != newestFirst.rend(); ++join) {
        stay = afterJoin(stay, *join);
    }
    return stay;
}

}  // namespace parley
