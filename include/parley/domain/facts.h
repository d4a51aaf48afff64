#pragma once

#include <parley/core/result.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>

#include <cstdint>
#include <vector>

namespace parley {

/// What an update tells beyond its event, as of that event. There are two sources: the state in
/// memory, for events that are new (projection/update.h), and the database, for events of the past
/// (projection/stored_facts.h). Both give the same, which a test compares.
/// Not thread-safe: each source belongs to the thread that made it.
class Facts {
public:
    virtual ~Facts() = default;

    /// The participant that a join made of its actor, or that a leave took out.
    /// REQUIRES: `event` is a join or a leave.
    virtual Result<Participant> participant(const Event& event) = 0;
    /// How many messages the conversation has, with `message`.
    virtual Result<std::int64_t> messageCount(const Event& message) = 0;
    /// Whether a wait begins with `message`: it found nobody waiting. REQUIRES: it asks
    /// (domain/answer.h).
    virtual Result<bool> beginsWait(const Event& message) = 0;
    /// The joins that belong to `start` (belongsToStart), in order.
    virtual Result<std::vector<Event>> firstJoins(const Event& start) = 0;
};

}  // namespace parley
