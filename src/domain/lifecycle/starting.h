#pragma once

#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>

#include <string_view>
#include <vector>

namespace parley {

/// Appends the start of the conversation, unless it has been started.
void startIfNew(std::vector<Event>& events, const ConversationState& state,
                const ConversationId& conversation, const UserId& by, UserRole role,
                std::string_view why = {});

}  // namespace parley
