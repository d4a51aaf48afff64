#include <parley/core/try.h>
#include <parley/domain/identify.h>
#include <parley/domain/visibility.h>

#include <utility>

namespace parley {
namespace {

// The user and the role that a command comes from. Of a new command, its fields `from` or `user`.
template <typename C>
auto& userOf(C& command) {
    if constexpr (requires { command.from; }) {
        return command.from;
    } else if constexpr (requires { command.createdBy; }) {
        return command.createdBy;
    } else {
        return command.user;
    }
}

template <typename C>
std::optional<UserRole> roleOf(const C& command) {
    if constexpr (requires { command.fromRole; }) {
        return command.fromRole;
    } else if constexpr (requires { command.createdByRole; }) {
        return command.createdByRole;
    } else if constexpr (requires { command.role; }) {
        return command.role;
    } else {
        return std::nullopt;
    }
}

Result<void> mayName(std::optional<UserRole> role, const Principal& principal) {
    if (!role) return {};
    const bool allowed = isService(principal) ? mayActAs(principal, *role) : principal.role == role;
    return allowed ? Result<void>() : namesAnother();
}

struct Identify {
    Command& command;
    const Principal& principal;

    template <typename C>
    Result<void> operator()(C& one) const {
        if (!isService(principal)) {
            if constexpr (requires { userOf(one).has_value(); }) {
                if (!userOf(one)) userOf(one) = principal.user;
            }
            if (userOf(one) != principal.user) return namesAnother();
        }
        if constexpr (requires { one.fromRole; }) {
            if (!one.fromRole && !isService(principal)) one.fromRole = principal.role;
        }
        return mayName(roleOf(one), principal);
    }
    // A customer takes part in what it starts; nobody gives itself another role.
    Result<void> operator()(StartConversation& start) const {
        if (!isService(principal) && start.createdBy != principal.user) return namesAnother();
        PARLEY_TRY(mayName(start.createdByRole, principal));
        bool named = false;
        for (const auto& one : start.initialParticipants) {
            const bool own = one.user == start.createdBy;
            named = named || own;
            if (own && one.role != start.createdByRole) return namesAnother();
            if (isService(principal)) PARLEY_TRY(mayName(one.role, principal));
        }
        if (!named && start.createdByRole == UserRole::customer) {
            start.initialParticipants.insert(start.initialParticipants.begin(),
                                             {start.createdBy, start.createdByRole});
        }
        return {};
    }
    // Another user is brought in, in the role that is named.
    Result<void> operator()(JoinRoom& join) const {
        return bringsIn(principal, join) ? Result<void>() : mayName(join.role, principal);
    }
    Result<void> operator()(LeaveRoom& leave) const {
        if (isService(principal)) return {};
        if (!leave.user) leave.user = principal.user;
        if (*leave.user != principal.user) {
            command = RemoveParticipant{leave.conversation, *leave.user, principal.user};
        }
        return {};
    }
    // Auditors read as supervisors do.
    Result<void> operator()(WatchRoom& watch) const {
        if (isService(principal)) return mayName(watch.role, principal);
        const auto role = principal.role.value_or(UserRole::supervisor);
        if (watch.user.value_or(principal.user) != principal.user) return namesAnother();
        if (watch.role.value_or(role) != role) return namesAnother();
        watch.user = principal.user;
        watch.role = role;
        return {};
    }
    Result<void> operator()(UnwatchRoom& unwatch) const {
        unwatch.user = principal.user;
        return {};
    }
    Result<void> operator()(RemoveParticipant&) const { return namesAnother(); }
    Result<void> operator()(EndTyping&) const { return namesAnother(); }
};

struct ActionOf {
    const Principal& principal;

    // The family says it, unless it depends on what the command holds.
    template <typename C>
    Action operator()(const C& command) const {
        return parley::actionOf(command);
    }
    Action operator()(const JoinRoom& join) const {
        return bringsIn(principal, join) ? Action::moveOthers : Action::join;
    }
    Action operator()(const SendMessage& send) const {
        if (send.type == MessageType::system) return Action::sendSystem;
        if (send.type == MessageType::robot) return Action::sendRobot;
        const auto role = send.fromRole.value_or(UserRole::customer);
        const bool shown = visibleToCustomers(role, send.type, send.toRole, send.isVisible);
        return shown ? Action::send : Action::sendHidden;
    }
};

}  // namespace

Result<void> identify(Command& command, const Principal& principal) {
    if (principal.kind == PrincipalKind::none) return {};
    return std::visit(Identify{command, principal}, command);
}

bool bringsIn(const Principal& principal, const JoinRoom& join) {
    return !isService(principal) && join.user != principal.user;
}

Action actionOf(const Command& command, const Principal& principal) {
    return std::visit(ActionOf{principal}, command);
}

std::optional<UserId> actingUser(const Command& command, const Principal& principal) {
    if (!isService(principal)) return principal.user;
    return std::visit(
        []<typename C>(const C& one) -> std::optional<UserId> {
            if constexpr (requires { one.by; }) {
                return one.by;
            } else {
                return userOf(one);
            }
        },
        command);
}

}  // namespace parley
