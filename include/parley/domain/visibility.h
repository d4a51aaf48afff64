#pragma once

#include <parley/domain/event.h>

#include <optional>

namespace parley {

/// Through whose eyes a conversation is read: a user in the role they have there.
struct Viewer {
    UserKey user;  ///< 0: nobody known, as whom nothing was written
    UserRole role = UserRole::customer;
    bool operator==(const Viewer&) const = default;
};

/// Whether `viewer` may see `event`: the one rule for live, history and replay.
/// Customers see what they wrote and what is visible; everyone else sees all.
bool visible(const Event& event, const Viewer& viewer);

/// Whether `event` is for all customers, not only for the one who wrote it.
inline bool visibleToEveryCustomer(const FoldableEvent& event) {
    return event.visible.value_or(true);
}

/// The same rule for callers that hold only the facts it needs.
constexpr bool visible(bool eventVisible, UserKey author, const Viewer& viewer) {
    return viewer.role != UserRole::customer || eventVisible ||
           (author.value != 0 && author == viewer.user);
}

/// Whether customers may see a new message. Never: robots' messages (until shared), staff
/// among themselves, staff to a robot, notes (`asked` is false). `asked` cannot widen it.
bool visibleToCustomers(UserRole author, MessageType type, std::optional<UserRole> toRole,
                        std::optional<bool> asked);

}  // namespace parley
