#include <parley/core/try.h>
#include <parley/projection/past_sight.h>

namespace parley {

Actor actorIn(UserRole role) {
    switch (role) {
        case UserRole::customer: return Actor::customer;
        case UserRole::agent: return Actor::agent;
        case UserRole::supervisor: return Actor::supervisor;
        case UserRole::robot: return Actor::robot;
    }
    return Actor::customer;
}

Result<PastSight> sightOf(PastStateReader& states, ConversationKey conversation, UserKey user,
                          std::optional<UserRole> role, Position upTo) {
    PARLEY_TRY_ASSIGN(const auto past, states.standing(conversation, user, upTo));
    const auto eyes = role.value_or(past.role.value_or(UserRole::customer));
    const auto permission = [&](Action action) {
        return authorize(actorIn(eyes), action, past.standing.relation);
    };
    PastSight sight{Viewer::of(user, eyes), permission(Action::see) == Permission::allowed, {}};
    const auto reads = permission(Action::readMessages);
    if (reads == Permission::allowed) sight.messages = upTo;
    if (reads == Permission::untilLeft) sight.messages = past.standing.leftAt;
    return sight;
}

// Two customers have in common what every customer may see, as nobody is the author for both.
Viewer bothOf(const Viewer& one, const Viewer& other) {
    if (one.role() != UserRole::customer) return other;
    if (other.role() != UserRole::customer || one == other) return one;
    return Viewer();
}

}  // namespace parley
