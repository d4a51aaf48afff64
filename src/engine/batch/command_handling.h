#pragma once

#include "engine/batch/commands.h"

/// What each command needs of the engine besides `decide`.
namespace parley {

/// A command while it is carried out.
struct CommandCall {
    const Commands::Parts& parts;
    Outcome& outcome;
    ConversationState& state;
    /// Up to where the sender may read what was said before; nothing: all of it.
    std::optional<Position> readable;

    ConnectionId connection() const { return outcome.origin.connection; }
    /// The asker; null: there is no authentication.
    const Principal* principal() const { return outcome.origin.principal.get(); }
    /// Whether a service asks, which acts as the users that its commands name.
    bool byService() const { return principal() && isService(*principal()); }
    /// The identity with which the connection joined or watches the conversation; null: neither.
    const Identity* identity() const {
        return state.started() ? parts.live.connections.find(connection(), state.key) : nullptr;
    }
    /// Likewise where it joined; null also where it only watches.
    const Identity* joined() const {
        const auto* known = identity();
        return known && !known->watching ? known : nullptr;
    }
};

/// A command that is no more than its events to the engine: it is answered with the message it
/// added or repeated, or else as done. Every function may be replaced for one command:
///  * `prepare` fills in the command's defaults, or puts another command in its place;
///  * `past` checks limits, and looks up what `decide` needs: of a command with the fields
///    `original` and `from`, the message of that id and the viewer that `from` is;
///  * `answer` subscribes or unsubscribes, and sets the reply.
struct PlainHandling {
    template <typename C>
    static Result<void> prepare(CommandCall&, C&, Command&) {
        return {};
    }
    template <typename C>
    static Result<CommandPast> past(CommandCall& call, const C& command) {
        if constexpr (requires { command.original, command.from; }) {
            return pastOf(call, command.original, command.from);
        }
        return CommandPast{};
    }
    template <typename C>
    static Result<void> answer(CommandCall& call, const C&, const CommandPast& past) {
        answerPlainly(call, past);
        return {};
    }
    static Result<CommandPast> pastOf(CommandCall& call, const Uuid& original, const UserId& from);
    static void answerPlainly(CommandCall& call, const CommandPast& past);
};

/// Commands are plain unless one of these says otherwise: a new plain one needs nothing here.
template <typename C>
struct Handling : PlainHandling {};

template <>
struct Handling<StartTyping> : PlainHandling {
    static Result<CommandPast> past(CommandCall& call, const StartTyping& typing);
};

template <>
struct Handling<SendMessage> : PlainHandling {
    static Result<void> prepare(CommandCall& call, SendMessage& send, Command& command);
    static Result<CommandPast> past(CommandCall& call, const SendMessage& send);
    static Result<void> answer(CommandCall& call, const SendMessage& send, const CommandPast& past);
};

template <>
struct Handling<ShareRobotMessage> : PlainHandling {
    static Result<CommandPast> past(CommandCall& call, const ShareRobotMessage& share);
};

template <>
struct Handling<StartConversation> : PlainHandling {
    static Result<void> answer(CommandCall& call, const StartConversation& start,
                               const CommandPast& past);
};

template <>
struct Handling<JoinRoom> : PlainHandling {
    static Result<void> prepare(CommandCall& call, JoinRoom& join, Command& command);
    static Result<CommandPast> past(CommandCall& call, const JoinRoom& join);
    static Result<void> answer(CommandCall& call, const JoinRoom& join, const CommandPast& past);
};

template <>
struct Handling<LeaveRoom> : PlainHandling {
    static Result<void> prepare(CommandCall& call, LeaveRoom& leave, Command& command);
    static Result<CommandPast> past(CommandCall& call, const LeaveRoom& leave);
    static Result<void> answer(CommandCall& call, const LeaveRoom& leave, const CommandPast& past);
};

template <>
struct Handling<RemoveParticipant> : PlainHandling {
    static Result<void> answer(CommandCall& call, const RemoveParticipant& removal,
                               const CommandPast& past);
};

template <>
struct Handling<WatchRoom> : PlainHandling {
    static Result<CommandPast> past(CommandCall& call, const WatchRoom& watch);
    static Result<void> answer(CommandCall& call, const WatchRoom& watch, const CommandPast& past);
};

template <>
struct Handling<UnwatchRoom> : PlainHandling {
    static Result<void> answer(CommandCall& call, const UnwatchRoom& unwatch,
                               const CommandPast& past);
};

}  // namespace parley
