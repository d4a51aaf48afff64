#pragma once

#include <parley/domain/event.h>

#include <cstdint>
#include <optional>

namespace parley {

/// Through whose eyes a conversation is read: a user, and the role they take part in. Every read
/// that is sent to a client takes one. A value; immutable but for assignment.
class Viewer {
public:
    /// How a request came in that names nobody.
    enum class Via : std::uint8_t { rest, socket };

    /// Sees the least: a customer who wrote nothing.
    constexpr Viewer() = default;
    /// The one way to make a viewer of somebody: `user` reads as `role`. 0: a user the log does not
    /// know, who wrote nothing.
    static constexpr Viewer of(UserKey user, UserRole role) { return Viewer(user, role); }
    /// The reader of a request that names nobody: without authentication, REST reads as supervisor
    /// and a socket as customer. The one place that says so.
    static constexpr Viewer unnamed(Via via) {
        return {UserKey{0}, via == Via::rest ? UserRole::supervisor : UserRole::customer};
    }

    constexpr UserKey user() const { return user_; }
    constexpr UserRole role() const { return role_; }
    bool operator==(const Viewer&) const = default;

private:
    constexpr Viewer(UserKey user, UserRole role) : user_(user), role_(role) {}

    UserKey user_;
    UserRole role_ = UserRole::customer;
};

/// Whether an event with this stored `visible` is for all customers, not only for its author.
/// Only messages store one: what has none hides nothing.
constexpr bool visibleToEveryCustomer(std::optional<bool> storedVisible) {
    return storedVisible.value_or(true);
}
inline bool visibleToEveryCustomer(const FoldableEvent& event) {
    return visibleToEveryCustomer(event.visible);
}

/// Whether `viewer` may see an event: the one rule for live, history, recovery and figures.
/// Customers see what they wrote and what every customer may see; everyone else sees all.
/// `everyCustomer`: visibleToEveryCustomer of it.
constexpr bool visible(bool everyCustomer, UserKey author, const Viewer& viewer) {
    return viewer.role() != UserRole::customer || everyCustomer ||
           (author.value != 0 && author == viewer.user());
}
bool visible(const Event& event, const Viewer& viewer);

/// Whether customers may see a new message, which is then stored with it. Never: robots' messages
/// (until shared), staff among themselves, staff to a robot, notes (`asked` is false). `asked`
/// cannot widen it.
bool visibleToCustomers(UserRole author, MessageType type, std::optional<UserRole> toRole,
                        std::optional<bool> asked);

}  // namespace parley
