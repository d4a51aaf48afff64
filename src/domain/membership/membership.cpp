#include "domain/lifecycle/starting.h"
#include "domain/membership/joining.h"
#include "domain/new_event.h"
#include "domain/typing/ending.h"

#include <parley/core/json_writer.h>
#include <parley/core/try.h>
#include <parley/domain/facts.h>
#include <parley/domain/lifecycle/lifecycle.h>
#include <parley/domain/membership/membership.h>
#include <parley/domain/refusals.h>
#include <parley/domain/visibility.h>

#include <memory>
#include <utility>

namespace parley {
namespace {

std::vector<Event> leaving(const ConversationState& state, const Participant& participant) {
    std::vector<Event> events;
    endTypingIn(events, state, participant.user, cause::kLeave);
    Event left = newEvent(EventType::participantLeft, state.id, participant.user);
    left.role = participant.role;
    if (participant.hidden) left.visible = false;
    events.push_back(std::move(left));
    return events;
}

}  // namespace

Event joinedEvent(const ConversationId& conversation, const UserId& user, UserRole role,
                  std::string_view why) {
    Event joined = newEvent(EventType::participantJoined, conversation, user, why);
    joined.role = role;
    return joined;
}

Result<void> mayEnter(const ConversationState& state, const ConversationId& conversation,
                      const UserId& user) {
    if (!state.started()) PARLEY_TRY(mayBeNew(conversation.str(), "conversationId"));
    return state.find(user) ? Result<void>() : mayBeNew(user.str(), "user's id");
}

Result<void> hasRoomFor(std::size_t more, const ConversationState& state,
                        const DecideContext& context) {
    if (more == 0 || state.participants.size() + more <= context.participantsMax) return {};
    return Error{
        ErrorCode::limit_reached,
        "a conversation may have " + std::to_string(context.participantsMax) + " participants"};
}

Stay afterJoin(const std::optional<Stay>& before, const FoldableEvent& join) {
    const auto role = join.role.value_or(UserRole::customer);
    const bool hidden = !visibleToEveryCustomer(join);
    if (before) return {role, before->joinedAt, before->joinedPosition, before->hidden && hidden};
    return {role, join.at, join.position, hidden};
}

Decision decide(const ConversationState& state, const JoinRoom& join,
                const DecideContext& context) {
    PARLEY_TRY(mayEnter(state, join.conversation, join.user));
    const auto* known = state.find(join.user);
    if (join.hidden && !isStaff(join.role) && join.role != UserRole::robot) {
        return Error{ErrorCode::forbidden, "only staff and robots can join hidden"};
    }
    PARLEY_TRY(hasRoomFor(known ? 0 : 1, state, context));
    std::vector<Event> events;
    startIfNew(events, state, join.conversation, join.user, join.role);
    const bool hidden = join.hidden && (!known || known->hidden);
    if (!known || known->role != join.role || known->hidden != hidden) {
        events.push_back(joinedEvent(join.conversation, join.user, join.role));
        if (hidden) events.back().visible = false;
    }
    return events;
}

Decision decide(const ConversationState& state, const LeaveRoom& leave,
                const DecideContext& context) {
    if (!state.started()) return conversationNotFound(leave.conversation);
    if (!leave.user) return missingField("userId");
    const auto* known = state.find(*leave.user);
    if (known) return leaving(state, *known);
    if (context.subscribed) return std::vector<Event>{};
    return notParticipant(leave.conversation, *leave.user);
}

Decision decide(const ConversationState& state, const RemoveParticipant& removal,
                const DecideContext&) {
    if (!state.started()) return conversationNotFound(removal.conversation);
    const auto* known = state.find(removal.user);
    if (!known) return notParticipant(removal.conversation, removal.user);
    std::vector<Event> events = leaving(state, *known);
    Event& left = events.back();
    left.version = 2;
    left.cause = cause::kRemoved;
    if (removal.by) {
        left.data.clear();
        JsonWriter(left.data).beginObject().field("by", removal.by->str()).endObject();
    }
    return events;
}

Decision decide(const ConversationState& state, const WatchRoom& watch, const DecideContext&) {
    if (!state.started()) return conversationNotFound(watch.conversation);
    if (!watch.user) return missingField("userId");
    if (!watch.role) return missingField("userRole");
    if (!isStaff(*watch.role)) {
        return Error{ErrorCode::forbidden, "only agents and supervisors can watch"};
    }
    if (!state.find(*watch.user)) PARLEY_TRY(mayBeNew(watch.user->str(), "user's id"));
    return std::vector<Event>{};
}

Decision decide(const ConversationState& state, const UnwatchRoom& unwatch, const DecideContext&) {
    if (!state.started()) return conversationNotFound(unwatch.conversation);
    return std::vector<Event>{};
}

void evolve(OfType<EventType::participantJoined>, ConversationState& state, const Event& event) {
    auto* known = state.participants.find(event.actor);
    if (!known) {
        const Stay stay = afterJoin(std::nullopt, event);
        state.participants.add(
            {event.actor, event.actorKey, stay.role, stay.joinedAt, stay.hidden});
        return;
    }
    const Stay stay = afterJoin(Stay{known->role, known->joinedAt, {}, known->hidden}, event);
    known->role = stay.role;
    known->joinedAt = stay.joinedAt;
    known->hidden = stay.hidden;
}

void evolve(OfType<EventType::participantLeft>, ConversationState& state, const Event& event) {
    state.participants.remove(event.actor);
    state.typing.remove(event.actor);
}

Result<std::optional<ParticipantAdded>> updateOf(OfType<EventType::participantJoined>,
                                                 Event&& event, Facts& facts) {
    if (belongsToStart(event)) return std::optional<ParticipantAdded>();
    PARLEY_TRY_ASSIGN(auto participant, facts.participant(event));
    return std::optional(
        ParticipantAdded{std::make_shared<const Event>(std::move(event)), std::move(participant)});
}

Result<ParticipantRemoved> updateOf(OfType<EventType::participantLeft>, Event&& event,
                                    Facts& facts) {
    PARLEY_TRY_ASSIGN(auto participant, facts.participant(event));
    return ParticipantRemoved{std::make_shared<const Event>(std::move(event)),
                              std::move(participant)};
}

}  // namespace parley
