#include "gateway/rest/rest_viewer.h"

#include <parley/core/try.h>

#include <utility>

namespace parley {

Result<NamedViewer> readViewer(const RestTarget& target) {
    NamedViewer viewer;
    std::optional<UserRole> role;
    for (const auto& [name, value] : target.query) {
        if (name == "userId") {
            PARLEY_TRY_ASSIGN(viewer.user, UserId::parse(value, "userId"));
        } else if (name == "userRole") {
            role = parseRole(value);
            if (!role) {
                return Error{ErrorCode::unknown_role,
                             "userRole must be cx-customer, cx-agent, cx-supervisor or robot"};
            }
        }
    }
    if (viewer.user) viewer.role = UserRole::customer;
    if (role) viewer.role = *role;
    return viewer;
}

Result<Viewer> viewerOf(ReadContext& context, const NamedViewer& named) {
    Viewer viewer{UserKey{0}, named.role};
    if (!named.user) return viewer;
    PARLEY_TRY_ASSIGN(const auto key, context.events.find(*named.user));
    viewer.user = key.value_or(UserKey{0});
    return viewer;
}

}  // namespace parley
