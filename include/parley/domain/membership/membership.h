#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/domain/authorize.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/decision.h>
#include <parley/domain/roles.h>
#include <parley/domain/text_bytes.h>

#include <optional>

/// Who takes part in a conversation. Pure; any thread.
namespace parley {

/// Somebody joins, or joins again in another role. A conversation that does not exist is started.
struct JoinRoom {
    ConversationId conversation;
    UserId user;
    UserRole role;
    bool idIsNew = false;  ///< the request named no conversation: the server made the id for it
    /// Staff and robots: customers are not told, for as long as this stay lasts. Nothing is hidden
    /// of a participant who is shown already.
    bool hidden = false;
};

/// Somebody leaves by themselves.
struct LeaveRoom {
    ConversationId conversation;
    std::optional<UserId> user;  ///< absent: the user that the connection joined as
};

/// Somebody else takes a participant out.
struct RemoveParticipant {
    ConversationId conversation;
    UserId user;
    std::optional<UserId> by;  ///< absent: the connection that asked has not joined
};

/// Agents and supervisors look on: their connection receives what the room receives, and nobody
/// takes part by it.
struct WatchRoom {
    ConversationId conversation;
    std::optional<UserId> user;    ///< who watches
    std::optional<UserRole> role;  ///< in which role
};

/// The connection ceases to watch.
struct UnwatchRoom {
    ConversationId conversation;
    std::optional<UserId> user{};  ///< who watched; filled in where the connection watches
};

/// What each command does, for the authorization table.
constexpr Action actionOf(const WatchRoom&) {
    return Action::watch;
}
constexpr Action actionOf(const UnwatchRoom&) {
    return Action::watch;
}
constexpr Action actionOf(const RemoveParticipant&) {
    return Action::moveOthers;
}
constexpr Action actionOf(const LeaveRoom&) {
    return Action::leave;
}

inline std::size_t textBytesOf(const JoinRoom& join) {
    return text_bytes::sum(join.conversation, join.user);
}
inline std::size_t textBytesOf(const LeaveRoom& leave) {
    return text_bytes::sum(leave.conversation, leave.user);
}
inline std::size_t textBytesOf(const WatchRoom& watch) {
    return text_bytes::sum(watch.conversation, watch.user);
}
inline std::size_t textBytesOf(const UnwatchRoom& unwatch) {
    return text_bytes::sum(unwatch.conversation, unwatch.user);
}
inline std::size_t textBytesOf(const RemoveParticipant& removal) {
    return text_bytes::sum(removal.conversation, removal.user, removal.by);
}

/// A participant joined, or joined again in another role. The first participants of a conversation
/// are told with its start (ConversationStarted).
struct ParticipantAdded {
    EventPtr event;
    Participant participant;
};

/// A participant subscribed from one more connection. No event of the log tells of it.
struct ParticipantReturned {
    ConversationId conversation;
    ConversationKey conversationKey;
    Participant participant;
};

/// A participant left, or was taken out.
struct ParticipantRemoved {
    EventPtr event;
    Participant participant;  ///< as they were
};

/// A user's time in a conversation, from a join to a leave. Joins in between change the role.
struct Stay {
    UserRole role = UserRole::customer;
    UnixMillis joinedAt;
    Position joinedPosition;  ///< of the join that began it; 0 where the source does not keep it
    bool hidden = false;      ///< no customer was told of it
};

/// What `join` makes of its actor's stay. `before`: the stay that goes on; nothing: it begins.
/// The one rule for the state in memory, the table `participant` and reads of the past.
Stay afterJoin(const std::optional<Stay>& before, const FoldableEvent& join);

/// A start where the conversation is new, and a join where the user takes no part yet or does so in
/// another role; no event where nothing changes. Refuses with `invalid_id`, for ids that are new
/// (mayBeNew), and `limit_reached` (DecideContext::participantsMax).
Decision decide(const ConversationState& state, const JoinRoom& join, const DecideContext& context);
/// The end of the user's typing, where they type, and the leave; no event where only the
/// connection's subscription ends (DecideContext::subscribed). Refuses with
/// `conversation_not_found` and `not_participant`. REQUIRES: `user` is filled in; refuses with
/// `missing_field` where it is not.
Decision decide(const ConversationState& state, const LeaveRoom& leave,
                const DecideContext& context);
/// As for a leave; the event says that it was a removal, and names the user who asked. Who may
/// remove whom is not decided here. Refuses with `conversation_not_found` and `not_participant`.
Decision decide(const ConversationState& state, const RemoveParticipant& removal,
                const DecideContext& context);

/// No event: nothing of it is in the log. Refuses with `conversation_not_found`, `missing_field`
/// where the user or the role is missing, and `forbidden` for all but agents and supervisors.
Decision decide(const ConversationState& state, const WatchRoom& watch, const DecideContext&);
/// Likewise. Refuses with `conversation_not_found`.
Decision decide(const ConversationState& state, const UnwatchRoom& unwatch, const DecideContext&);

/// A join adds the participant, or changes their role; a leave takes them out, and ends their
/// typing.
void evolve(OfType<EventType::participantJoined>, ConversationState& state, const Event& event);
void evolve(OfType<EventType::participantLeft>, ConversationState& state, const Event& event);

/// Nothing for a join that is told with the start it belongs to (belongsToStart).
Result<std::optional<ParticipantAdded>> updateOf(OfType<EventType::participantJoined>,
                                                 Event&& event, Facts& facts);
/// With the participant as they were before, which `facts` know.
Result<ParticipantRemoved> updateOf(OfType<EventType::participantLeft>, Event&& event,
                                    Facts& facts);

}  // namespace parley
