#include "engine/batch/authorizer.h"

#include <parley/core/try.h>
#include <parley/domain/refusals.h>

#include <variant>

namespace parley {
namespace {

bool serverMadeTheId(const Command& command) {
    return std::visit(
        [](const auto& one) {
            if constexpr (requires { one.idIsNew; }) return one.idIsNew;
            return false;
        },
        command);
}

bool bringsInOthers(const Command& command) {
    const auto* start = std::get_if<StartConversation>(&command);
    if (!start) return false;
    for (const auto& one : start->initialParticipants) {
        if (one.user != start->createdBy) return true;
    }
    return false;
}

}  // namespace

Result<std::optional<Position>> Authorizer::mayCarryOut(const Command& command,
                                                        const Origin& origin,
                                                        const ConversationState& state) {
    std::optional<Position> readable;
    if (!origin.principal) return readable;
    const Principal& principal = *origin.principal;
    const auto user = actingUser(command, principal);
    if (!user) return missingField("userId");
    const auto standing = standingOf(*user, state);
    if (!standing) return parts_.unit.fail(standing.error());
    const bool customer = actorOf(principal) == Actor::customer;
    if (customer && standing->relation != Relation::takesPart) readable = standing->leftAt;
    // A participant's role is the one that a service acts in where the command names none.
    const auto* participant = state.find(*user);
    if (participant && isService(principal) && !mayActAs(principal, participant->role)) {
        return forbidden();
    }
    const auto& conversation = conversationOf(command);
    const Access access{principal, conversation, standing->relation, standing->removed,
                        parts_.options.customersChooseIds};
    PARLEY_TRY(refusalOf(permissionOf(command, access), conversation, *user));
    if (bringsInOthers(command)) {
        const auto moving = authorize(actorOf(principal), Action::moveOthers, Relation::takesPart);
        PARLEY_TRY(refusalOf(moving, conversation, *user));
    }
    return readable;
}

Permission Authorizer::permissionOf(const Command& command, const Access& access) const {
    const auto action = actionOf(command, access.principal);
    const bool startsNew = serverMadeTheId(command) && action != Action::moveOthers;
    return startsNew ? authorize(access.principal, ServerAction::startNew)
                     : authorize(access, action);
}

Result<Standing> Authorizer::standingOf(const UserId& user, const ConversationState& state) {
    if (!state.started()) return Standing{.relation = Relation::absent, .leftAt = {}};
    if (state.find(user)) return Standing{.relation = Relation::takesPart, .leftAt = {}};
    PARLEY_TRY_ASSIGN(const auto key, parts_.log.find(user));
    if (!key) return Standing{};
    return parts_.reads.relations.of(state.key, *key);
}

}  // namespace parley
