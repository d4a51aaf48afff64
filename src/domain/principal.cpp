#include <parley/core/check.h>
#include <parley/domain/principal.h>

#include <algorithm>

namespace parley {
namespace {

Actor personAs(UserRole role) {
    switch (role) {
        case UserRole::customer: return Actor::customer;
        case UserRole::agent: return Actor::agent;
        case UserRole::supervisor: return Actor::supervisor;
        case UserRole::robot: break;
    }
    return Actor::robot;
}

}  // namespace

std::string_view principalKindName(PrincipalKind kind) {
    return kPrincipalKindNames[static_cast<std::size_t>(kind)];
}

std::optional<PrincipalKind> parsePrincipalKind(std::string_view name) {
    const auto found = std::find(kPrincipalKindNames.begin(), kPrincipalKindNames.end(), name);
    if (found == kPrincipalKindNames.end()) return std::nullopt;
    const auto kind = static_cast<PrincipalKind>(found - kPrincipalKindNames.begin());
    return kind == PrincipalKind::none ? std::nullopt : std::optional(kind);
}

std::string_view actorName(Actor actor) {
    return kActorNames[static_cast<std::size_t>(actor)];
}

Actor actorOf(const Principal& principal) {
    switch (principal.kind) {
        case PrincipalKind::none: break;
        case PrincipalKind::person:
            PARLEY_CHECK(principal.role.has_value());
            return personAs(*principal.role);
        case PrincipalKind::robot: return Actor::robot;
        case PrincipalKind::service: return Actor::service;
        case PrincipalKind::auditor: return Actor::auditor;
        case PrincipalKind::operator_: return Actor::operator_;
    }
    return Actor::none;
}

bool lists(const Principal& principal, const ConversationId& conversation) {
    return principal.conversations &&
           std::binary_search(principal.conversations->begin(), principal.conversations->end(),
                              conversation);
}

bool isBound(const Principal& principal) {
    return principal.conversations && actorOf(principal) != Actor::customer;
}

bool isOutOfReach(const Principal& principal, const ConversationId& conversation) {
    return isBound(principal) && !lists(principal, conversation);
}

bool isSameUser(const Principal& one, const Principal& other) {
    return one.user == other.user && one.kind == other.kind;
}

bool mayActAs(const Principal& principal, UserRole role) {
    return isService(principal) &&
           std::binary_search(principal.actsAs.begin(), principal.actsAs.end(), role);
}

}  // namespace parley
