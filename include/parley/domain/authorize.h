#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/principal.h>

#include <array>
#include <cstdint>
#include <string_view>

/// What a principal may do: one table (domain/authorization.def), asked by the writer before it
/// decides, by readers before they read, and by loops for what is about no conversation. Pure; any
/// thread.
namespace parley {

/// What can be done with a conversation.
enum class Action : std::uint8_t {
#define ACTION(constant, ...) constant,
#include <parley/domain/authorization.def>
};
/// What can be done that is about no conversation.
enum class ServerAction : std::uint8_t {
#define SERVER_ACTION(constant, ...) constant,
#include <parley/domain/authorization.def>
};

/// All actions, in the order of their values.
inline constexpr std::array kActionNames{
#define ACTION(constant, name, ...) std::string_view(name),
#include <parley/domain/authorization.def>
};
inline constexpr std::array kServerActionNames{
#define SERVER_ACTION(constant, name, ...) std::string_view(name),
#include <parley/domain/authorization.def>
};

/// What a user is to a conversation. The first that holds counts.
enum class Relation : std::uint8_t {
    takesPart,  ///< is a participant
    left,       ///< was one and left by itself, or was removed and the log does not say by whom
    stranger,   ///< never was one, or was removed by another user
    absent,     ///< there is no such conversation
};

enum class Permission : std::uint8_t {
    allowed,
    untilLeft,       ///< reading: of what happened until the user left
    own,             ///< listing: of the conversations that the user takes part in
    starts,          ///< the conversation starts with it
    forbidden,       ///< refuse with `forbidden`
    notParticipant,  ///< refuse with `not_participant`
    notFound,        ///< refuse with `conversation_not_found`
};

/// A cell of the table. `none` may do everything: with auth.mode=none only `decide` refuses.
Permission authorize(Actor actor, Action action, Relation relation);
Permission authorize(Actor actor, ServerAction action);
/// The cell; but no dashboard, no log and no new conversation for a token that lists those it may
/// enter.
Permission authorize(const Principal& principal, ServerAction action);

/// Who asks, and for which conversation.
struct Access {
    const Principal& principal;
    const ConversationId& conversation;
    Relation relation;               ///< of the user that acts
    bool removed = false;            ///< a stranger that another user took out
    bool customersChooseIds = true;  ///< auth.customer-ids=own
};
/// The table's cell, and what the principal's token says of single conversations: one that is out
/// of reach is absent, and cannot be started; one that a customer's token lists can be entered or
/// started. Where customers do not choose ids, they cannot start one with an id of their own.
Permission authorize(const Access& access, Action action);

/// The refusal in words; ok where the permission is none. `user`: the one that acts.
Result<void> refusalOf(Permission permission, const ConversationId& conversation,
                       const UserId& user);
/// `forbidden`: what the sender's token does not permit.
Error forbidden();
/// `forbidden`: a request that says another sender than its token.
Error namesAnother();

/// Whether the principal may ask for no command at all. Null: there is no authentication.
bool isReadOnly(const Principal* principal);

}  // namespace parley
