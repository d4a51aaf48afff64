#pragma once

#include <parley/domain/event.h>

#include <string_view>

namespace parley {

/// An event as `decide` begins it. `why`: its cause; empty where a client asked for exactly this.
inline Event newEvent(EventType type, const ConversationId& conversation, const UserId& actor,
                      std::string_view why = {}) {
    Event event;
    event.type = type;
    event.conversation = conversation;
    event.actor = actor;
    event.cause = why;
    return event;
}

}  // namespace parley
