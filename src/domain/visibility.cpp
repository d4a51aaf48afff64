#include <parley/domain/visibility.h>

namespace parley {

bool visible(const Event& event, const Viewer& viewer) {
    return visible(visibleToEveryCustomer(event), event.actorKey, viewer);
}

bool visibleToCustomers(UserRole author, MessageType type, std::optional<UserRole> toRole,
                        std::optional<bool> asked) {
    if (author == UserRole::robot || type == MessageType::robot) return false;
    if (isStaff(author) && toRole && *toRole != UserRole::customer) return false;
    return asked.value_or(true);
}

}  // namespace parley
