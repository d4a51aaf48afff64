#pragma once

#include <parley/core/result.h>
#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>

#include <optional>
#include <string>

namespace parley {

/// Reads conversations as the writer needs them to decide, whoever may see them. One thread; short
/// transactions only.
class StateReader {
public:
    /// REQUIRES: `db` has the views and outlives the reader. SQLite's exceptions pass through.
    explicit StateReader(Database& db);

    /// A conversation with its participants; nothing when it has not been started.
    Result<std::optional<ConversationState>> conversation(const ConversationId& id);
    /// The messages of `author` in a conversation that customers may not see.
    Result<HiddenMessages> hiddenBy(ConversationKey conversation, UserKey author);

    /// For other readers of the projections. They throw SQLite::Exception; call them inside
    /// Database::query. The beginning of a query for conversations: append a condition on `c`, the
    /// table `conversation`, or `k`, its id.
    static std::string select();
    /// The conversation in a row of such a query.
    ConversationState stateOf(SQLite::Statement& row);
    HiddenMessages readHidden(ConversationKey conversation, UserKey author);

private:
    Database& db_;
    SQLite::Statement byId_;
    SQLite::Statement participants_;
    SQLite::Statement lastSeq_;
    SQLite::Statement hidden_;
};

}  // namespace parley
