#pragma once

#include <parley/core/result.h>
#include <parley/domain/principal.h>
#include <parley/domain/visibility.h>
#include <parley/projection/past_state.h>

#include <optional>

namespace parley {

/// What somebody could see of a conversation after an event of the log, as the authorization table
/// (domain/authorization.def) says it of users with tokens: by what the user was to the
/// conversation then. With auth.mode=none nothing kept anybody from reading more. A value.
struct PastSight {
    Viewer viewer;                     ///< the eyes: which messages, participants and typing
    bool conversation = false;         ///< the conversation itself, who took part and who typed
    std::optional<Position> messages;  ///< messages up to this position; nothing: none
};

/// The sight of `user` as of `upTo`. `role`: nothing: the one that the user had by then; a customer
/// where they never had any. Refuses as PastStateReader does.
Result<PastSight> sightOf(PastStateReader& states, ConversationKey conversation, UserKey user,
                          std::optional<UserRole> role, Position upTo);

/// The actor that a user without a token is in a role. Pure.
Actor actorIn(UserRole role);

/// What both `one` and `other` may see: an event that either may not see is seen by neither. Pure.
Viewer bothOf(const Viewer& one, const Viewer& other);

}  // namespace parley
