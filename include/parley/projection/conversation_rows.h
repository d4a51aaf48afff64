#pragma once

#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/log/read/conversation_seqs.h>

#include <optional>
#include <string>

namespace parley {

/// Turns rows of the table `conversation` into states. Part of the readers of the projections,
/// which say whom they read for. One thread. Everything throws SQLite::Exception: call it inside
/// Database::query.
class ConversationRows {
public:
    /// REQUIRES: `db` has the views; `db` and `seqs`, of the same connection, outlive this.
    ConversationRows(Database& db, ConversationSeqs& seqs);

    /// The beginning of a query for conversations: append a condition on `c`, the table
    /// `conversation`, or on `k`, which has its id.
    static std::string select();
    /// The conversation in a row of such a query, with its participants and its last seq; without
    /// typing, which no table has. The row stays as it is, and holds the snapshot meanwhile. Costs
    /// two look-ups, and one for each participant.
    Result<ConversationState> stateOf(SQLite::Statement& row);
    /// Since when a customer waits in the conversation of such a row; nothing: nobody does.
    static std::optional<UnixMillis> waitingSince(SQLite::Statement& row);
    /// The message that waits; 0: none does.
    static Position waitingPosition(SQLite::Statement& row);
    /// The messages of `author` in a conversation that customers may not see; all 0: there are
    /// none.
    HiddenMessages hiddenBy(ConversationKey conversation, UserKey author);

private:
    ConversationSeqs& seqs_;
    SQLite::Statement participants_;
    SQLite::Statement hidden_;
};

}  // namespace parley
