#pragma once

#include "engine/sessions/held_sessions.h"
#include "engine/state/connection_table.h"
#include "engine/state/conversation_cache.h"
#include "engine/state/typing_table.h"

#include <parley/engine/options.h>
#include <parley/projection/state_reader.h>

namespace parley {

/// What the writer keeps in memory from one unit of work to the next. Writer's thread only.
struct LiveState {
    /// The references outlive it.
    LiveState(UnitMembers& members, const EngineOptions& options, StateReader& states,
              const Clock& clock, PresenceBoard& presence)
        : conversations(members, options.conversationsLoadedMax,
                        [&states](const ConversationId& id) { return states.conversation(id); }),
          connections(members, &presence),
          typing(members, options.typingTimeout, clock),
          sessions(members) {}

    ConversationCache conversations;
    ConnectionTable connections;
    TypingTable typing;
    HeldSessions sessions;
};

}  // namespace parley
