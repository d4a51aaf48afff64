#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>

#include <string_view>

/// Refusals that several places give, in the same words. Pure; any thread.
namespace parley {

/// Whether `id`, which the log does not have yet, may come into it. Refuses with `invalid_id` what
/// would deceive those who read it: C1 controls, line separators, bidirectional overrides and
/// isolates. Ids that are in the log are never asked: what older programs stored stays usable.
Result<void> mayBeNew(std::string_view id, std::string_view what);

/// `conversation_not_found`; `invalid_id` where there can be none.
Error conversationNotFound(const ConversationId& conversation);

/// `not_participant`; `invalid_id` where the user cannot be one.
Error notParticipant(const ConversationId& conversation, const UserId& user);

}  // namespace parley
