#include "gateway/rest/rest_viewer.h"

#include <parley/core/try.h>

#include <utility>

namespace parley {

Result<NamedViewer> readViewer(const RestTarget& target) {
    NamedViewer viewer;
    for (const auto& [name, value] : target.query) {
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
    return viewer;
}

Result<Viewer> viewerOf(ReadContext& context, const NamedViewer& named) {
    if (!named.user && !named.role) return Viewer::unnamed(Viewer::Via::rest);
    const auto role = named.role.value_or(UserRole::customer);
    if (!named.user) return Viewer::of(UserKey{0}, role);
    PARLEY_TRY_ASSIGN(const auto key, context.keys.find(*named.user));
    return Viewer::of(key.value_or(UserKey{0}), role);
}

}  // namespace parley
