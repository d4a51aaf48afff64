#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace parley::audit {

/// Events folded in one transaction of audit.db, and bytes of messages in them; one message at
/// least. The more there are, the less often the same pages and the index of words are written:
/// with 32,768 events a catch-up takes three quarters of the CPU time that it takes with 4,096.
inline constexpr int kChunkEvents = 32'768;
inline constexpr std::size_t kChunkBytes = 4 * 1024 * 1024;

/// How far audit.db has come.
struct Reached {
    Position position;             ///< of the last event in it; 0: none
    Digest hash{};                 ///< of that event
    ConversationKey conversation;  ///< the highest number of a conversation in it
    UserKey user;                  ///< likewise of a user
};

/// The next events of the log, with all that audit.db takes of them.
struct LogChunk {
    std::vector<FoldableEvent> events;
    std::vector<std::pair<ConversationKey, std::string>> conversations;  ///< those that are new
    std::vector<std::pair<UserKey, std::string>> users;                  ///< likewise
    std::vector<std::pair<Position, std::string>> messages;              ///< not the emptied ones
    Reached reached;  ///< once they have been folded
};

/// Reads into `chunk`, whose memory is used again, what follows `from` in the log, `limit` events
/// at most; none where the log ends there. One short read transaction, which is over when it
/// returns. Refuses as scanWithTexts does. The thread of `log`.
Result<void> readChunk(Database& log, const Reached& from, int limit, LogChunk& chunk);

}  // namespace parley::audit
