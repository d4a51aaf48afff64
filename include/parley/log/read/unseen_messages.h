#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/read/conversation_seqs.h>

#include <optional>
#include <vector>

namespace parley {

/// The last messages that a client does not know of, oldest first, in their current version.
struct UnseenMessages {
    std::vector<Event> messages;
    bool more = false;  ///< there are earlier ones
};

/// Reads what is told with a `conflict`, through the sender's eyes. The writer's thread; sees what
/// the open transaction has stored.
class UnseenReader {
public:
    /// REQUIRES: `db` has the log's tables; `db` and `seqs`, of the same connection, outlive this.
    /// Throws SQLite::Exception where the schema is damaged: call inside Database::run.
    UnseenReader(Database& db, ConversationSeqs& seqs);

    /// The messages after seq `after` that `viewer` may see: the last of them, within limits::
    /// kUnseenMessagesMax and kUnseenBytesMax (one at least) and among the last kUnseenSeqsMax
    /// events. Bytes are counted as clients are sent them, escapes included. Refuses as
    /// Database::query does, and with `storage_damaged` what this program does not know.
    /// `upTo`: of those up to this position, included; nothing: of all.
    Result<UnseenMessages> after(ConversationKey conversation, Seq after, const Viewer& viewer,
                                 std::optional<Position> upTo = {});
    /// The seq of the last message up to `upTo`, included, that `viewer` may see, among the last
    /// kUnseenSeqsMax events up to there; 0: none. Refuses as `after` does.
    Result<Seq> last(ConversationKey conversation, const Viewer& viewer, Position upTo);

private:
    Result<Seq> end(ConversationKey conversation, std::optional<Position> upTo);

    Database& db_;
    ConversationSeqs& seqs_;
    SQLite::Statement newestFirst_;
};

}  // namespace parley
