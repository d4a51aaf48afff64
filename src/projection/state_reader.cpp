#include "projection/participant_row.h"

#include <parley/log/statement_reset.h>
#include <parley/projection/state_reader.h>

namespace parley {
namespace {

// From four columns of `select`, the first of them given.
ConversationFigures figuresAt(SQLite::Statement& row, int first) {
    return {row.getColumn(first).getInt64(),
            {row.getColumn(first + 1).getInt64()},
            {row.getColumn(first + 2).getInt64()},
            {row.getColumn(first + 3).getInt64()}};
}

}  // namespace

std::string StateReader::select() {
    return "SELECT c.conversation, k.id, c.created_at, c.is_active,"
           " c.message_count, c.last_message_seq, c.last_message_at, c.updated_at,"
           " c.customer_message_count, c.customer_last_message_seq, c.customer_last_message_at,"
           " c.customer_updated_at FROM conversation AS c"
           " JOIN conversation_key AS k ON k.key = c.conversation ";
}

StateReader::StateReader(Database& db)
    : db_(db),
      byId_(db.sqlite(), select() + "WHERE k.id = ?"),
      participants_(db.sqlite(), selectParticipants() + "ORDER BY p.joined_position"),
      lastSeq_(db.sqlite(), "SELECT coalesce(max(seq), 0) FROM event WHERE conversation = ?"),
      hidden_(db.sqlite(),
              "SELECT message_count, last_seq, last_at FROM hidden_by_author"
              " WHERE conversation = ? AND user = ?") {}

ConversationState StateReader::stateOf(SQLite::Statement& row) {
    ConversationState state;
    state.key = {row.getColumn(0).getInt64()};
    state.id = ConversationId::fromStored(row.getColumn(1).getString());
    state.createdAt = {row.getColumn(2).getInt64()};
    state.isActive = row.getColumn(3).getInt() != 0;
    state.figures = figuresAt(row, 4);
    state.customerFigures = figuresAt(row, 8);

    const StatementReset participantsGuard(participants_);
    participants_.bind(1, state.key.value);
    while (participants_.executeStep()) {
        state.participants.add(participantOf(participants_));
    }

    const StatementReset lastSeqGuard(lastSeq_);
    lastSeq_.bind(1, state.key.value);
    if (lastSeq_.executeStep()) state.lastSeq = {lastSeq_.getColumn(0).getInt64()};
    return state;
}

HiddenMessages StateReader::readHidden(ConversationKey conversation, UserKey author) {
    const StatementReset guard(hidden_);
    hidden_.bind(1, conversation.value);
    hidden_.bind(2, author.value);
    if (!hidden_.executeStep()) return {};
    return {hidden_.getColumn(0).getInt64(),
            {hidden_.getColumn(1).getInt64()},
            {hidden_.getColumn(2).getInt64()}};
}

Result<HiddenMessages> StateReader::hiddenBy(ConversationKey conversation, UserKey author) {
    return db_.query([&] { return readHidden(conversation, author); });
}

Result<std::optional<ConversationState>> StateReader::conversation(const ConversationId& id) {
    return db_.query([&] {
        const StatementReset guard(byId_);
        byId_.bindNoCopy(1, id.str());
        return byId_.executeStep() ? std::optional(stateOf(byId_)) : std::nullopt;
    });
}

}  // namespace parley
