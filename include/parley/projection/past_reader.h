#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/membership/membership.h>
#include <parley/log/database.h>
#include <parley/log/read/past_events.h>

#include <cstdint>
#include <optional>

namespace parley {

/// Reads what the projections said right after an event of the past: for StoredFacts, which tells
/// it only with an event that its viewer may see. One thread; short transactions only.
class PastReader {
public:
    /// REQUIRES: `db` has the views; `db` and `events`, of the same connection, outlive the reader.
    /// SQLite's exceptions pass through.
    PastReader(Database& db, PastEvents& events);

    /// How many messages a conversation had up to the event `seq`, that one included.
    Result<std::int64_t> messageCountAt(ConversationKey conversation, Seq seq);
    /// The participant that a join made of its actor, or that a leave took out.
    /// REQUIRES: `event` is a join or a leave of the log.
    Result<Participant> participantAt(const Event& event);

private:
    std::optional<Stay> earlierStay(const Event& event);

    Database& db_;
    PastEvents& events_;
    SQLite::Statement messageCount_;
    SQLite::Statement participant_;
};

}  // namespace parley
