#pragma once

#include "engine/batch/appender.h"
#include "engine/unit_of_work.h"

#include <parley/log/event_log.h>
#include <parley/log/read/conversation_seqs.h>

namespace parley {

/// Appends events of upkeep to the system conversation, which has no state in memory. Writer's
/// thread only; everything is part of the unit of work, and an error fails it.
class SystemEvents {
public:
    /// All of it outlives this.
    struct Parts {
        EventLog& log;
        ConversationSeqs& seqs;
        UnitOfWork& unit;
        Appender& appender;
    };
    explicit SystemEvents(const Parts& parts) : parts_(parts) {}

    /// REQUIRES: the event is one of the system conversation, and not numbered yet.
    Result<void> append(Event event);

private:
    Result<ConversationState> conversation(const ConversationId& id);

    const Parts parts_;
};

}  // namespace parley
