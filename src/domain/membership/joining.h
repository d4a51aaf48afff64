#pragma once

#include <parley/domain/decide.h>
#include <parley/domain/event.h>

#include <cstddef>
#include <string_view>

/// Joins, for the commands of other families that cause them.
namespace parley {

Event joinedEvent(const ConversationId& conversation, const UserId& user, UserRole role,
                  std::string_view why = {});

/// Refuses ids that the conversation does not know yet and that must not become known to it.
Result<void> mayEnter(const ConversationState& state, const ConversationId& conversation,
                      const UserId& user);

/// Refuses if `more` users may not join. Current participants stay, however many they are.
Result<void> hasRoomFor(std::size_t more, const ConversationState& state,
                        const DecideContext& context);

}  // namespace parley
