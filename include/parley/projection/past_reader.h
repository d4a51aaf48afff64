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
/// it only with an event that its viewer may see. One thread; short transactions only, each call of
/// one moment. Refuses as Database::query does.
class PastReader {
public:
    /// REQUIRES: `db` has the views; `db` and `events`, of the same connection, outlive the reader.
    /// SQLite's exceptions pass through.
    PastReader(Database& db, PastEvents& events);

    /// How many messages a conversation had up to the event `seq`, that one included, hidden ones
    /// too. The cost follows what came after it. 0 where the conversation has not been started.
    Result<std::int64_t> messageCountAt(ConversationKey conversation, Seq seq);
    /// Whether a customer's message found nobody waiting. The cost follows how far back the message
    /// before it is that asks or answers, and where somebody joined or left in between also how
    /// many did so before.
    Result<bool> beginsWait(const Event& message);
    /// The participant that a join made of its actor, or that a leave took out, with role and time
    /// of joining as they were then. Of one who has come back since, it folds the joins of that
    /// stay. REQUIRES: `event` is a join or a leave of the log.
    Result<Participant> participantAt(const Event& event);

private:
    std::optional<Stay> earlierStay(const Event& event);

    Database& db_;
    PastEvents& events_;
    SQLite::Statement messageCount_;
    SQLite::Statement participant_;
};

}  // namespace parley
