#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/membership/membership.h>
#include <parley/log/database.h>

#include <cstdint>
#include <optional>

namespace parley {

/// Reads what the projections said right after an event of the past: for StoredFacts, which tells
/// it only with an event that its viewer may see. One thread; short transactions only.
class PastReader {
public:
    /// REQUIRES: `db` has the views and outlives the reader. SQLite's exceptions pass through.
    explicit PastReader(Database& db);

    /// How many messages a conversation had up to the event `seq`, that one included.
    Result<std::int64_t> messageCountAt(ConversationKey conversation, Seq seq);
    /// The participant that a join made of its actor, or that a leave took out.
    /// REQUIRES: `event` is a join or a leave of the log.
    Result<Participant> participantAt(const Event& event);

private:
    std::optional<Stay> earlierStay(const Event& event);

    Database& db_;
    SQLite::Statement messageCountAt_;
    SQLite::Statement participant_;
    SQLite::Statement membership_;
};

}  // namespace parley
