#include "gateway/rest/rest_viewer.h"

#include "gateway/history/history.h"

#include <parley/core/try.h>

#include <string>
#include <utility>

namespace parley {
namespace {

Result<void> mayName(const NamedViewer& named, const Principal& principal) {
    if (isService(principal)) {
        return !named.role || mayActAs(principal, *named.role) ? Result<void>() : forbidden();
    }
    const bool another = (named.user && *named.user != principal.user) ||
                         (named.role && named.role != principal.role);
    return another ? namesAnother() : Result<void>();
}

// Whether a principal without a role of its own reads as the user or role that the query names.
bool actsAsNamed(const NamedViewer& named) {
    return named.principal && !named.principal->role && (named.role || named.user);
}

}  // namespace

Result<NamedViewer> readViewer(const RestCall& call, RestServices& services) {
    PARLEY_TRY(checkOnce(call.target, {"userId", "userRole"}));
    NamedViewer viewer{.user = {}, .role = {}, .principal = call.principal};
    for (const auto& [name, value] : call.target.query) {
        if (name == "userId") {
            PARLEY_TRY_ASSIGN(viewer.user, UserId::parse(value, "userId"));
        } else if (name == "userRole") {
            viewer.role = parseRole(value);
            if (!viewer.role) {
                return Error{ErrorCode::unknown_role,
                             "userRole must be cx-customer, cx-agent, cx-supervisor or robot"};
            }
        }
    }
    if (!call.principal) return viewer;
    if (auto named = mayName(viewer, *call.principal); !named) {
        services.shared.identitiesRefused.fetch_add(1, std::memory_order_relaxed);
        return named.error();
    }
    return viewer;
}

Result<Viewer> viewerOf(ReadContext& context, const NamedViewer& named) {
    if (named.principal && !actsAsNamed(named)) return viewerOf(context, *named.principal);
    if (!named.user && !named.role) return Viewer::unnamed(Viewer::Via::rest);
    const auto role = named.role.value_or(UserRole::customer);
    if (!named.user) return Viewer::of(UserKey{0}, role);
    PARLEY_TRY_ASSIGN(const auto key, context.keys.find(*named.user));
    return Viewer::of(key.value_or(UserKey{0}), role);
}

Result<ReadAccess> readAccess(ReadContext& context, const NamedViewer& named, Action action,
                              const ConversationId& conversation) {
    if (!named.principal) {
        PARLEY_TRY_ASSIGN(const auto viewer, viewerOf(context, named));
        PARLEY_TRY_ASSIGN(const auto key, conversationKey(context, conversation));
        return ReadAccess{key, viewer, {}};
    }
    PARLEY_TRY_ASSIGN(auto access, readAccess(context, *named.principal, action, conversation));
    if (actsAsNamed(named)) {
        PARLEY_TRY_ASSIGN(access.viewer, viewerOf(context, named));
    }
    return access;
}

}  // namespace parley
