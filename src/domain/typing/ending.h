#pragma once

#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>

#include <string_view>
#include <vector>

namespace parley {

/// Appends the end of the user's typing, with `why` as its cause, if the user types.
void endTypingIn(std::vector<Event>& events, const ConversationState& state, const UserId& user,
                 std::string_view why);

}  // namespace parley
