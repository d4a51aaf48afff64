#include "engine/batch/command_handling.h"

#include <parley/core/check.h>
#include <parley/core/try.h>

#include <algorithm>
#include <string>
#include <utility>

namespace parley {
namespace {

EventPtr messageIn(const std::vector<ProjectionUpdate>& updates) {
    for (const auto& update : updates) {
        if (const auto* added = std::get_if<MessageAdded>(&update)) return added->message;
    }
    return nullptr;
}

template <typename Update>
const Update* lastOf(const std::vector<ProjectionUpdate>& updates) {
    return updates.empty() ? nullptr : std::get_if<Update>(&updates.back());
}

bool hasJoin(const std::vector<ProjectionUpdate>& updates) {
    return std::any_of(updates.begin(), updates.end(), [](const auto& update) {
        return std::holds_alternative<ParticipantAdded>(update);
    });
}

bool bringsInAnother(const CommandCall& call, const JoinRoom& join) {
    return call.principal() && bringsIn(*call.principal(), join);
}

Error missing(std::string_view field) {
    return {ErrorCode::missing_field,
            std::string(field) + " is required where the connection is not in the conversation"};
}

// Reading what came before failed: the storage did.
Result<CommandPast> read(CommandCall& call, Result<CommandPast> past) {
    if (!past) return call.parts.unit.fail(past.error());
    return past;
}

// Ends what the user whom the command took out receives of the conversation: on the connections
// that are there, and in the sessions of those that dropped.
Result<void> endSubscriptions(CommandCall& call) {
    const auto* removed = lastOf<ParticipantRemoved>(call.outcome.updates);
    PARLEY_CHECK(removed != nullptr);  // decide refuses what takes nobody out
    const auto room = call.state.key;
    const auto user = removed->participant.userKey;
    PARLEY_TRY(call.parts.sessions.removeUser(room, user, removed->event->position));
    auto& connections = call.parts.live.connections;
    call.outcome.removal = Removal{room, connections.of(room, user)};
    for (const auto connection : call.outcome.removal->connections) {
        connections.leave(connection, room);
    }
    return {};
}

// Rooms that a connection joined and rooms that it watches count together.
Result<void> hasRoomForOneMore(const CommandCall& call) {
    const auto& connections = call.parts.live.connections;
    const auto max = call.parts.options.roomsPerConnectionMax;
    const bool full =
        call.connection() && connections.roomsOf(call.connection()) >= max && !call.identity();
    if (!full) return {};
    return Error{ErrorCode::limit_reached,
                 "a connection may join " + std::to_string(max) + " rooms"};
}

// The connection receives the room as `identity` from here on.
Result<void> subscribe(CommandCall& call, const Identity& identity) {
    PARLEY_TRY(call.parts.sessions.join(call.connection(), identity));
    call.parts.live.connections.join(call.connection(), identity);
    call.outcome.subscription =
        Subscribe{identity.conversation, Viewer::of(identity.userKey, identity.role)};
    return {};
}

void answerDone(CommandCall& call) {
    call.outcome.reply = Reply(DoneReply{call.parts.unit.head().position});
}

}  // namespace

Result<CommandPast> PlainHandling::pastOf(CommandCall& call, const Uuid& original,
                                          const UserId& from) {
    if (!call.state.started()) return CommandPast{};
    return read(call, call.parts.past.ofMessage(original, from, call.state, call.connection()));
}

void PlainHandling::answerPlainly(CommandCall& call, const CommandPast& past) {
    auto message = messageIn(call.outcome.updates);
    if (!message) message = past.message();
    if (message) {
        call.outcome.reply = Reply(MessageReply{std::move(message)});
    } else {
        answerDone(call);
    }
}

Result<CommandPast> Handling<StartTyping>::past(CommandCall& call, const StartTyping&) {
    if (call.parts.live.typing.size() >= call.parts.options.typingMax) {
        return Error{ErrorCode::limit_reached, "too many users are typing at once"};
    }
    return CommandPast{};
}

Result<void> Handling<SendMessage>::prepare(CommandCall& call, SendMessage& send, Command&) {
    if (send.from && send.fromRole) return {};
    const Identity* identity = call.identity();
    if (!send.from && !identity) return missing("fromUserId");
    const bool self = identity && (!send.from || *send.from == identity->user);
    if (!send.from) send.from = identity->user;
    if (!send.fromRole && !self) return missing("fromRole");
    if (!send.fromRole) send.fromRole = identity->role;
    return {};
}

Result<CommandPast> Handling<SendMessage>::past(CommandCall& call, const SendMessage& send) {
    if (!call.state.started()) {
        CommandPast past;
        past.expectedSeq = send.expectedSeq;
        return past;
    }
    return read(call, call.parts.past.of(send, call.state, call.connection(), call.readable));
}

// Who writes on a connection that watches takes part from there on, by the one subscription that
// there is.
Result<void> Handling<SendMessage>::answer(CommandCall& call, const SendMessage& send,
                                           const CommandPast& past) {
    answerPlainly(call, past);
    if (call.parts.live.connections.watches() == 0) return {};
    const Identity* identity = call.identity();
    if (!identity || !identity->watching || identity->user != send.from) return {};
    const auto* author = call.state.find(*send.from);
    if (!author) return {};  // a message that was sent before, by one who has left
    return subscribe(call, {call.state.key, author->user, author->userKey, author->role});
}

Result<CommandPast> Handling<ShareRobotMessage>::past(CommandCall& call,
                                                      const ShareRobotMessage& share) {
    if (!call.state.started()) return CommandPast{};
    return read(call, call.parts.past.of(share, call.state, call.connection()));
}

Result<void> Handling<StartConversation>::answer(CommandCall& call, const StartConversation& start,
                                                 const CommandPast&) {
    call.outcome.reply =
        Reply(ConversationReply{call.state, call.state.figures, start.title, start.description});
    return {};
}

// Who takes part already is not changed by others.
Result<void> Handling<JoinRoom>::prepare(CommandCall& call, JoinRoom& join, Command&) {
    const auto* known = bringsInAnother(call, join) ? call.state.find(join.user) : nullptr;
    if (known) {
        join.role = known->role;
        join.hidden = known->hidden;
    }
    return {};
}

Result<CommandPast> Handling<JoinRoom>::past(CommandCall& call, const JoinRoom& join) {
    if (bringsInAnother(call, join)) return CommandPast{};
    PARLEY_TRY(hasRoomForOneMore(call));
    return CommandPast{};
}

Result<void> Handling<JoinRoom>::answer(CommandCall& call, const JoinRoom& join,
                                        const CommandPast&) {
    const auto* found = call.state.find(join.user);
    PARLEY_CHECK(found != nullptr);  // decide has joined the user, or found that they had joined
    const Participant participant = *found;
    const bool another = bringsInAnother(call, join);
    const auto viewer = another ? Viewer::of(UserKey{0}, *call.principal()->role)
                                : Viewer::of(participant.userKey, join.role);
    if (const auto connection = call.connection(); connection && !another) {
        const Identity* before = call.joined();
        const bool again = before && before->user == join.user;
        if (!again && !hasJoin(call.outcome.updates)) {
            call.outcome.updates.push_back(
                ParticipantReturned{call.state.id, call.state.key, participant});
        }
        const Identity identity{call.state.key, join.user, participant.userKey, join.role};
        if (!again || before->role != join.role) {
            PARLEY_TRY(call.parts.sessions.join(connection, identity));
        }
        call.parts.live.connections.join(connection, identity);
        call.outcome.subscription = Subscribe{call.state.key, viewer};
    }
    auto own = call.parts.past.ownHidden(call.state, viewer);
    if (!own) return call.parts.unit.fail(own.error());
    call.outcome.reply = Reply(JoinReply{participant, call.parts.joinViews.viewOf(call.state), *own,
                                         call.parts.unit.head().position, viewer});
    return {};
}

// A user who leaves over REST, or on a connection that joined as them, leaves by themselves. On any
// other connection another user takes them out. A token has said already which of the two it is.
Result<void> Handling<LeaveRoom>::prepare(CommandCall& call, LeaveRoom& leave, Command& command) {
    if (!call.state.started()) return {};  // decide says so
    const Identity* identity = call.identity();
    if (!leave.user && !call.joined()) return missing("userId");
    if (!leave.user) leave.user = identity->user;
    if (call.principal() && !(call.byService() && identity)) return {};
    const bool own = !call.connection() || (identity && identity->user == *leave.user);
    if (own) return {};
    RemoveParticipant removal{leave.conversation, *leave.user, {}};
    if (identity) removal.by = identity->user;
    command = std::move(removal);
    return {};
}

Result<CommandPast> Handling<LeaveRoom>::past(CommandCall& call, const LeaveRoom&) {
    CommandPast past;
    past.subscribed = call.joined() != nullptr;
    return past;
}

Result<void> Handling<LeaveRoom>::answer(CommandCall& call, const LeaveRoom&, const CommandPast&) {
    // With tokens a leave is the user's, not one connection's: customers read no further, nowhere.
    const bool left = lastOf<ParticipantRemoved>(call.outcome.updates) != nullptr;
    if (call.principal() && left) {
        PARLEY_TRY(endSubscriptions(call));
    } else if (call.joined()) {
        PARLEY_TRY(call.parts.sessions.leave(call.connection(), call.state.key));
        call.parts.live.connections.leave(call.connection(), call.state.key);
        call.outcome.subscription = Unsubscribe{call.state.key};
    }
    answerDone(call);
    return {};
}

Result<void> Handling<RemoveParticipant>::answer(CommandCall& call, const RemoveParticipant&,
                                                 const CommandPast&) {
    PARLEY_TRY(endSubscriptions(call));
    answerDone(call);
    return {};
}

Result<CommandPast> Handling<WatchRoom>::past(CommandCall& call, const WatchRoom&) {
    PARLEY_TRY(hasRoomForOneMore(call));
    return CommandPast{};
}

// A connection that has joined receives the room already.
Result<void> Handling<WatchRoom>::answer(CommandCall& call, const WatchRoom& watch,
                                         const CommandPast&) {
    if (!call.joined()) {
        auto user = call.parts.past.keyOf(*watch.user);
        if (!user) return call.parts.unit.fail(user.error());
        call.parts.live.connections.name(call.state.key, watch.conversation);
        PARLEY_TRY(subscribe(call, {.conversation = call.state.key,
                                    .user = *watch.user,
                                    .userKey = *user,
                                    .role = *watch.role,
                                    .watching = true}));
    }
    call.outcome.reply = Reply(WatchReply{call.parts.unit.head().position});
    return {};
}

Result<void> Handling<UnwatchRoom>::answer(CommandCall& call, const UnwatchRoom&,
                                           const CommandPast&) {
    const Identity* identity = call.identity();
    if (identity && identity->watching) {
        PARLEY_TRY(call.parts.sessions.leave(call.connection(), call.state.key));
        call.parts.live.connections.leave(call.connection(), call.state.key);
        call.outcome.subscription = Unsubscribe{call.state.key};
    }
    answerDone(call);
    return {};
}

}  // namespace parley
