#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <cstdint>

namespace parley {

/// Where a conversation's events lie after one position and up to another.
struct ConversationExtent {
    Seq before;               ///< of the last event before it; 0: none
    std::int64_t events = 0;  ///< how many it holds
    Position first;           ///< of its first event, where it holds one
};

/// Finds a conversation's events by position. A position is global and a seq dense within its
/// conversation; both grow together, so a few look-ups find a place in a log of any length, without
/// walking there. Tells numbers only, no content. One thread at a time; each look-up is a read
/// transaction of its own.
class ConversationSeqs {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit ConversationSeqs(Database& db);

    /// A conversation's last seq; 0: it has no event. One look into the index.
    Result<Seq> last(ConversationKey conversation);
    /// The seq of a conversation's last event before `position`, that one not included; 0: none.
    /// Looks twice the logarithm of how many events the conversation has at or after it.
    Result<Seq> lastBefore(ConversationKey conversation, Position position);
    /// How many events of any type a conversation has after `after` and up to `upTo`, both
    /// positions; `upTo` is included. REQUIRES: `after` is not beyond `upTo`.
    Result<std::int64_t> countBetween(ConversationKey conversation, Position after, Position upTo);
    /// Where they lie. One look-up where there are none.
    Result<ConversationExtent> extent(ConversationKey conversation, Position after, Position upTo);

private:
    // These throw SQLite::Exception.
    std::int64_t readLast(ConversationKey conversation);
    Position positionOf(ConversationKey conversation, std::int64_t seq);
    bool isBefore(ConversationKey conversation, std::int64_t seq, Position position);
    Seq findLastBefore(ConversationKey conversation, Position position);

    Database& db_;
    SQLite::Statement position_;
    SQLite::Statement last_;
};

}  // namespace parley
