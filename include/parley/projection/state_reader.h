#pragma once

#include <parley/core/result.h>
#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/projection/conversation_rows.h>

#include <optional>

namespace parley {

/// Reads conversations as the writer needs them to decide, regardless of who may see them. One
/// thread, its connection's; sees what the open transaction has stored once ViewWriter has flushed
/// it. Short transactions only. Refuses as Database::query does.
class StateReader {
public:
    /// REQUIRES: `db` has the views; `db` and `seqs`, of the same connection, outlive the reader.
    /// SQLite's exceptions pass through.
    StateReader(Database& db, ConversationSeqs& seqs);

    /// A conversation with its participants; nothing when it has not been started. The cost follows
    /// how many participants it has.
    Result<std::optional<ConversationState>> conversation(const ConversationId& id);
    /// The messages of `author` in a conversation that customers may not see.
    Result<HiddenMessages> hiddenBy(ConversationKey conversation, UserKey author);

private:
    Database& db_;
    ConversationRows rows_;
    SQLite::Statement byId_;
};

}  // namespace parley
