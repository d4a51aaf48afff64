#include <parley/core/check.h>
#include <parley/domain/authorize.h>
#include <parley/domain/refusals.h>

#include <cstddef>

namespace parley {
namespace {

// Actors without `none`, which has no column.
constexpr std::size_t kColumns = kActorNames.size() - 1;
static_assert(static_cast<std::size_t>(Actor::none) == kColumns);

using Row = std::array<std::string_view, kColumns>;

constexpr Row kActions[] = {
#define ACTION(constant, name, ...) Row{__VA_ARGS__},
#include <parley/domain/authorization.def>
};
constexpr Row kServerActions[] = {
#define SERVER_ACTION(constant, name, ...) Row{__VA_ARGS__},
#include <parley/domain/authorization.def>
};

template <std::size_t size>
constexpr bool complete(const Row (&rows)[size], std::size_t letters) {
    for (const auto& row : rows) {
        for (const auto& cell : row) {
            if (cell.size() != letters) return false;
        }
    }
    return true;
}
static_assert(complete(kActions, 4) && complete(kServerActions, 1));

Permission permissionOf(char letter) {
    switch (letter) {
        case 'y': return Permission::allowed;
        case 'l': return Permission::untilLeft;
        case 'o': return Permission::own;
        case 's': return Permission::starts;
        case 'p': return Permission::notParticipant;
        case 'h': return Permission::notFound;
        default: return Permission::forbidden;
    }
}

bool enters(Action action) {
    return action == Action::start || action == Action::join || action == Action::send;
}

}  // namespace

Permission authorize(Actor actor, Action action, Relation relation) {
    if (actor == Actor::none) return Permission::allowed;
    const auto& row = kActions[static_cast<std::size_t>(action)];
    const auto& cell = row[static_cast<std::size_t>(actor)];
    return permissionOf(cell[static_cast<std::size_t>(relation)]);
}

Permission authorize(Actor actor, ServerAction action) {
    if (actor == Actor::none) return Permission::allowed;
    const auto& row = kServerActions[static_cast<std::size_t>(action)];
    return permissionOf(row[static_cast<std::size_t>(actor)].front());
}

Permission authorize(const Principal& principal, ServerAction action) {
    // What tells of all conversations, and a new one, is not for a token that lists some.
    const bool beyond = action == ServerAction::watchDashboard ||
                        action == ServerAction::readPresence || action == ServerAction::startNew ||
                        action == ServerAction::readLog || action == ServerAction::askSql;
    if (beyond && isBound(principal)) return Permission::forbidden;
    return authorize(actorOf(principal), action);
}

Permission authorize(const Access& access, Action action) {
    const Actor actor = actorOf(access.principal);
    if (isOutOfReach(access.principal, access.conversation)) {
        const auto permission = authorize(actor, action, Relation::absent);
        return permission == Permission::starts ? Permission::notFound : permission;
    }
    const bool invited =
        actor == Actor::customer && !access.removed && lists(access.principal, access.conversation);
    if (invited && enters(action) && access.relation == Relation::stranger) {
        return authorize(actor, action, Relation::left);
    }
    const auto permission = authorize(actor, action, access.relation);
    const bool mayStart = actor != Actor::customer || invited || access.customersChooseIds;
    return permission == Permission::starts && !mayStart ? Permission::notFound : permission;
}

Result<void> refusalOf(Permission permission, const ConversationId& conversation,
                       const UserId& user) {
    switch (permission) {
        case Permission::allowed:
        case Permission::untilLeft:
        case Permission::own:
        case Permission::starts: return {};
        case Permission::forbidden: return forbidden();
        case Permission::notParticipant: return notParticipant(conversation, user);
        case Permission::notFound: break;
    }
    return conversationNotFound(conversation);
}

bool isReadOnly(const Principal* principal) {
    return principal && (principal->kind == PrincipalKind::auditor ||
                         principal->kind == PrincipalKind::operator_);
}

Error namesAnother() {
    return {ErrorCode::forbidden, "the request names another user or role than your token"};
}

Error forbidden() {
    return {ErrorCode::forbidden, "your token does not allow this"};
}

}  // namespace parley
