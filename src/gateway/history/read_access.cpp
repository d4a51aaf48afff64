#include "gateway/history/read_access.h"

#include <parley/core/try.h>

namespace parley {
namespace {

// Auditors read as supervisors do, and so do services that may act as staff. They are nobody's
// author.
UserRole readingRole(const Principal& principal) {
    if (principal.role) return *principal.role;
    const bool staff =
        mayActAs(principal, UserRole::agent) || mayActAs(principal, UserRole::supervisor);
    return isService(principal) && !staff ? UserRole::customer : UserRole::supervisor;
}

Result<Standing> standingOf(ReadContext& context, std::optional<ConversationKey> conversation,
                            UserKey user) {
    if (!conversation) return Standing{.relation = Relation::absent, .leftAt = {}};
    return context.relations.of(*conversation, user);
}

}  // namespace

Result<Viewer> viewerOf(ReadContext& context, const Principal& principal) {
    PARLEY_TRY_ASSIGN(const auto user, context.keys.find(principal.user));
    return Viewer::of(user.value_or(UserKey{0}), readingRole(principal));
}

Result<ReadAccess> readAccess(ReadContext& context, const Principal& principal, Action action,
                              const ConversationId& conversation) {
    PARLEY_TRY_ASSIGN(const auto viewer, viewerOf(context, principal));
    PARLEY_TRY_ASSIGN(const auto key, context.keys.find(conversation));
    PARLEY_TRY_ASSIGN(const auto standing, standingOf(context, key, viewer.user()));
    const auto permission =
        authorize(Access{principal, conversation, standing.relation, standing.removed}, action);
    PARLEY_TRY(refusalOf(permission, conversation, principal.user));
    ReadAccess access{*key, viewer, {}};
    if (permission == Permission::untilLeft) access.upTo = standing.leftAt;
    return access;
}

MessagePage bounded(const MessagePage& page, std::optional<Position> upTo) {
    MessagePage out = page;
    out.upTo = upTo;
    return out;
}

}  // namespace parley
