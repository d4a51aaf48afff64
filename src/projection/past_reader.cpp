#include <parley/domain/visibility.h>
#include <parley/log/execute.h>
#include <parley/projection/past_reader.h>

namespace parley {
namespace {

// From the columns role, joined_at, joined_position and hidden.
Stay stayOf(SQLite::Statement& row) {
    return {static_cast<UserRole>(row.getColumn(0).getInt()),
            {row.getColumn(1).getInt64()},
            {row.getColumn(2).getInt64()},
            row.getColumn(3).getInt() != 0};
}

}  // namespace

PastReader::PastReader(Database& db, PastEvents& events)
    : db_(db),
      events_(events),
      messageCount_(db.sqlite(), "SELECT message_count FROM conversation WHERE conversation = ?"),
      participant_(db.sqlite(),
                   "SELECT role, joined_at, joined_position, hidden FROM participant"
                   " WHERE conversation = ? AND user = ?") {}

Result<std::int64_t> PastReader::messageCountAt(ConversationKey conversation, Seq seq) {
    return db_.query([&]() -> std::int64_t {
        const StatementReset guard(messageCount_);
        bindNumbers(messageCount_, conversation.value);
        if (!messageCount_.executeStep()) return 0;
        // The row is still held, and with it the snapshot: what came since is taken off its count.
        const auto count = messageCount_.getColumn(0).getInt64();
        return count - events_.messagesAfter(conversation, seq);
    });
}

Result<bool> PastReader::beginsWait(const Event& message) {
    return db_.query([&] { return events_.beginsWait(message.conversationKey, message.seq); });
}

Result<Participant> PastReader::participantAt(const Event& event) {
    const bool joins = event.type == EventType::participantJoined;
    return db_.query([&] {
        Stay stay = afterJoin(std::nullopt, event);
        const StatementReset guard(participant_);
        bindNumbers(participant_, event.conversationKey.value, event.actorKey.value);
        if (participant_.executeStep()) {
            const Stay last = stayOf(participant_);
            if (last.joinedPosition <= event.position) {
                stay = joins ? afterJoin(last, event) : last;
            } else if (const auto earlier = earlierStay(event)) {  // they have come back since
                stay = *earlier;
            }
        }
        // The event says itself whether its participant was hidden then.
        return Participant{event.actor, event.actorKey, stay.role, stay.joinedAt,
                           !visibleToEveryCustomer(event)};
    });
}

// A stay begins with the first of its joins.
std::optional<Stay> PastReader::earlierStay(const Event& event) {
    const bool joins = event.type == EventType::participantJoined;
    const Seq upTo{joins ? event.seq.value : event.seq.value - 1};
    std::optional<Stay> stay;
    for (const auto& join : events_.joinsOfStay(event.conversationKey, event.actorKey, upTo)) {
        stay = afterJoin(stay, join);
    }
    return stay;
}

}  // namespace parley
