#include "domain/lifecycle/starting.h"
#include "domain/membership/joining.h"
#include "domain/new_event.h"
#include "domain/typing/ending.h"

#include <parley/core/try.h>
#include <parley/domain/answer.h>
#include <parley/domain/decide.h>
#include <parley/domain/facts.h>
#include <parley/domain/message/message.h>
#include <parley/domain/refusals.h>
#include <parley/domain/visibility.h>

#include <memory>
#include <utility>

namespace parley {
namespace {

Result<void> mayBeUsed(const std::optional<ClientMessageId>& id) {
    return id ? mayBeNew(id->str(), "clientMessageId") : Result<void>();
}

// Whether `send` would store the same message as `first`.
bool repeats(const SendMessage& send, const Event& first) {
    return first.type == EventType::messageSent && first.content == send.content &&
           first.messageType == send.type && first.toRole == send.toRole &&
           first.visible ==
               visibleToCustomers(*send.fromRole, send.type, send.toRole, send.isVisible);
}

bool repeats(const ShareRobotMessage& share, const Event& first) {
    return first.type == EventType::messageShared && first.original == share.original;
}

// The sender must learn nothing about a message that they may not see, so a right guess of it is
// refused as a wrong one is.
Decision repeatOf(const Event& first, bool same, const Viewer& viewer) {
    if (same && visible(first, viewer)) return std::vector<Event>{};
    return Error{ErrorCode::client_message_id_reused,
                 "clientMessageId \"" + first.clientMessageId->str() + "\" was used by \"" +
                     first.actor.str() + "\" before, for another message"};
}

// Only messages that the sender may see count: notes, typing, joins and leaves do not.
Result<void> expectSeq(const SendMessage& send, const ConversationState& state,
                       const DecideContext& context) {
    if (!send.expectedSeq) return {};
    const Seq expected = *send.expectedSeq;
    if (expected >= context.lastSeen && expected <= state.lastSeq) return {};
    return Error{ErrorCode::conflict, "expected seq " + std::to_string(expected.value) +
                                          ", found " + std::to_string(context.lastSeen.value) +
                                          ", conversation \"" + send.conversation.str() + "\""};
}

Result<void> isRobots(const ShareRobotMessage& share, const Event* original) {
    if (!original) {
        return Error{ErrorCode::message_not_found, "conversation \"" + share.conversation.str() +
                                                       "\" has no message " + share.original.str()};
    }
    if (original->type == EventType::messageSent &&
        (original->role == UserRole::robot || original->messageType == MessageType::robot)) {
        return {};
    }
    return Error{ErrorCode::not_robot_message,
                 "message " + share.original.str() + " was not written by a robot"};
}

Event sentEvent(const SendMessage& send) {
    Event sent = newEvent(EventType::messageSent, send.conversation, *send.from);
    sent.role = send.fromRole;
    sent.messageType = send.type;
    sent.toRole = send.toRole;
    sent.visible = visibleToCustomers(*send.fromRole, send.type, send.toRole, send.isVisible);
    sent.clientMessageId = send.clientMessageId;
    sent.content = send.content;
    return sent;
}

Event sharedEvent(const ShareRobotMessage& share, UserRole role, const Event& original) {
    Event shared = newEvent(EventType::messageShared, share.conversation, share.from);
    shared.role = role;
    shared.messageType = MessageType::robot;
    shared.toRole = UserRole::customer;
    shared.visible = true;
    shared.original = share.original;
    shared.clientMessageId = share.clientMessageId;
    shared.content = original.content;
    return shared;
}

Result<MessageAdded> added(Event&& event, Facts& facts) {
    PARLEY_TRY_ASSIGN(const auto count, facts.messageCount(event));
    bool beginsWait = false;
    if (asks(event)) {
        PARLEY_TRY_ASSIGN(beginsWait, facts.beginsWait(event));
    }
    return MessageAdded{std::make_shared<const Event>(std::move(event)), count, beginsWait};
}

}  // namespace

Decision decide(const ConversationState& state, const SendMessage& send,
                const DecideContext& context) {
    if (!send.from) return missingField("fromUserId");
    if (!send.fromRole) return missingField("fromRole");
    const auto& from = *send.from;
    const auto role = *send.fromRole;
    if (const Event* first = context.sentBefore) {
        return repeatOf(*first, repeats(send, *first), context.viewer);
    }
    PARLEY_TRY(mayEnter(state, send.conversation, from));
    PARLEY_TRY(mayBeUsed(send.clientMessageId));
    PARLEY_TRY(mayHide(role, send.isVisible));
    PARLEY_TRY(expectSeq(send, state, context));
    const bool joins = state.find(from) == nullptr;
    PARLEY_TRY(hasRoomFor(joins ? 1 : 0, state, context));
    std::vector<Event> events;
    startIfNew(events, state, send.conversation, from, role, cause::kMessage);
    if (joins) events.push_back(joinedEvent(send.conversation, from, role, cause::kMessage));
    endTypingIn(events, state, from, cause::kMessage);
    events.push_back(sentEvent(send));
    return events;
}

Decision decide(const ConversationState& state, const ShareRobotMessage& share,
                const DecideContext& context) {
    if (!state.started()) return conversationNotFound(share.conversation);
    const auto* sharer = state.find(share.from);
    if (!sharer) return notParticipant(share.conversation, share.from);
    if (!isStaff(sharer->role)) {
        return Error{ErrorCode::forbidden, "only agents and supervisors share robot messages"};
    }
    if (const Event* first = context.sentBefore) {
        return repeatOf(*first, repeats(share, *first), context.viewer);
    }
    PARLEY_TRY(mayBeUsed(share.clientMessageId));
    PARLEY_TRY(isRobots(share, context.original));
    std::vector<Event> events;
    if (context.sharedBefore) return events;
    endTypingIn(events, state, share.from, cause::kMessage);
    events.push_back(sharedEvent(share, sharer->role, *context.original));
    return events;
}

Result<MessageAdded> updateOf(OfType<EventType::messageSent>, Event&& event, Facts& facts) {
    return added(std::move(event), facts);
}

Result<MessageAdded> updateOf(OfType<EventType::messageShared>, Event&& event, Facts& facts) {
    return added(std::move(event), facts);
}

}  // namespace parley
