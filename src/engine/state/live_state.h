#pragma once

#include "engine/sessions/held_sessions.h"
#include "engine/state/connection_table.h"
#include "engine/state/conversation_cache.h"
#include "engine/state/typing_table.h"

#include <parley/engine/options.h>
#include <parley/projection/state_reader.h>

#include <set>
#include <vector>

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

    /// Every connection that anything is known of, whose number is in a range.
    std::vector<ConnectionId> between(ConnectionId first, ConnectionId last) const {
        std::set<ConnectionId> found;
        for (const auto one : connections.between(first, last)) found.insert(one);
        for (const auto one : sessions.between(first, last)) found.insert(one);
        for (const auto one : typing.between(first, last)) found.insert(one);
        return {found.begin(), found.end()};
    }

    ConversationCache conversations;
    ConnectionTable connections;
    TypingTable typing;
    HeldSessions sessions;
};

}  // namespace parley
