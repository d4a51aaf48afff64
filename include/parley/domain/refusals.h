#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/roles.h>

#include <optional>
#include <string_view>

/// Refusals that several families give in the same words. Pure; any thread.
namespace parley {

/// Refuses, with `invalid_id`, an `id` that would deceive its readers: C1 controls, line
/// separators, bidirectional overrides and isolates. For ids that the log does not have yet; those
/// that older programs stored stay usable. `what`: the wire's name of what has the id.
Result<void> mayBeNew(std::string_view id, std::string_view what);

/// `conversation_not_found`; `invalid_id` where no conversation can have this id.
Error conversationNotFound(const ConversationId& conversation);

/// `conversation_not_found`: the conversation began after `position`.
Error conversationNotYet(const ConversationId& conversation, Position position);

/// `not_participant`; `invalid_id` where no participant can have this id.
Error notParticipant(const ConversationId& conversation, const UserId& user);

/// `forbidden` where `isVisible` asks to hide something and the role may not hide anything.
Result<void> mayHide(UserRole role, std::optional<bool> isVisible);

/// `missing_field`: `field` is required and was neither sent nor filled in.
Error missingField(std::string_view field);

}  // namespace parley
