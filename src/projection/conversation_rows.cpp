#include "projection/participant_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/projection/conversation_rows.h>

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

ConversationRows::ConversationRows(Database& db, ConversationSeqs& seqs)
    : seqs_(seqs),
      participants_(db.sqlite(), selectParticipants() + "ORDER BY p.joined_position"),
      hidden_(db.sqlite(),
              "SELECT message_count, last_seq, last_at FROM hidden_by_author"
              " WHERE conversation = ? AND user = ?") {}

std::string ConversationRows::select() {
    return "SELECT c.conversation, k.id, c.created_at, c.is_active,"
           " c.message_count, c.last_message_seq, c.last_message_at, c.updated_at,"
           " c.customer_message_count, c.customer_last_message_seq, c.customer_last_message_at,"
           " c.customer_updated_at, c.waiting_at, c.waiting_position FROM conversation AS c"
           " JOIN conversation_key AS k ON k.key = c.conversation ";
}

std::optional<UnixMillis> ConversationRows::waitingSince(SQLite::Statement& row) {
    const auto since = row.getColumn(12);
    return since.isNull() ? std::optional<UnixMillis>() : UnixMillis{since.getInt64()};
}

Position ConversationRows::waitingPosition(SQLite::Statement& row) {
    return {row.getColumn(13).getInt64()};
}

Result<ConversationState> ConversationRows::stateOf(SQLite::Statement& row) {
    ConversationState state;
    state.key = {row.getColumn(0).getInt64()};
    state.id = ConversationId::fromStored(row.getColumn(1).getString());
    state.createdAt = {row.getColumn(2).getInt64()};
    state.isActive = row.getColumn(3).getInt() != 0;
    state.figures = figuresAt(row, 4);
    state.customerFigures = figuresAt(row, 8);

    if (const auto since = waitingSince(row)) state.waiting = Moment{waitingPosition(row), *since};
    PARLEY_TRY_ASSIGN(state.lastSeq, seqs_.last(state.key));

    const StatementReset guard(participants_);
    bindNumbers(participants_, state.key.value);
    while (participants_.executeStep()) {
        state.participants.add(participantOf(participants_));
    }
    return state;
}

HiddenMessages ConversationRows::hiddenBy(ConversationKey conversation, UserKey author) {
    const StatementReset guard(hidden_);
    bindNumbers(hidden_, conversation.value, author.value);
    if (!hidden_.executeStep()) return {};
    return {hidden_.getColumn(0).getInt64(),
            {hidden_.getColumn(1).getInt64()},
            {hidden_.getColumn(2).getInt64()}};
}

}  // namespace parley
