#include <parley/domain/decide.h>

#include <string>
#include <utility>

#include <parley/core/json.h>
#include <parley/domain/visibility.h>

namespace parley {
namespace {

using Events = std::vector<Event>;

Event make(EventType type, const ConversationId& conversation, const UserId& actor,
           std::string_view why = {}) {
    Event event;
    event.type = type;
    event.conversation = conversation;
    event.actor = actor;
    event.cause = why;
    return event;
}

Event joinedEvent(const ConversationId& conversation, const UserId& user, UserRole role,
                  std::string_view why = {}) {
    Event event = make(EventType::participantJoined, conversation, user, why);
    event.role = role;
    return event;
}

Event typingEvent(EventType type, const ConversationId& conversation, const UserId& user,
                  std::string_view userName, std::string_view why = {}) {
    Event event = make(type, conversation, user, why);
    event.data = "{\"userName\":";
    appendJsonString(event.data, userName);
    event.data += '}';
    return event;
}

void startIfNew(Events& events, const ConversationState& state, const ConversationId& conversation,
                const UserId& by, UserRole role, std::string_view why = {}) {
    if (state.started()) return;
    Event event = make(EventType::conversationStarted, conversation, by, why);
    event.role = role;
    events.push_back(std::move(event));
}

void stopTypingIfTyping(Events& events, const ConversationState& state, const UserId& user,
                        std::string_view why) {
    if (const auto* typing = state.findTyping(user)) {
        events.push_back(
            typingEvent(EventType::typingStopped, state.id, user, typing->userName, why));
    }
}

Error notFound(const ConversationId& conversation) {
    return {ErrorCode::conversation_not_found,
            "there is no conversation \"" + conversation.str() + "\""};
}

Error missingField(std::string_view field) {
    return {ErrorCode::missing_field, std::string(field) + " is required"};
}

Error notParticipant(const ConversationId& conversation, const UserId& user) {
    return {ErrorCode::not_participant,
            "\"" + user.str() + "\" takes no part in conversation \"" + conversation.str() + "\""};
}

struct Decider {
    const ConversationState& state;
    const DecideContext& context;

    Result<Events> operator()(const JoinRoom& join) const {
        const auto* known = state.find(join.user);
        if (auto room = roomFor(known ? 0 : 1); !room) return room.error();
        Events events;
        startIfNew(events, state, join.conversation, join.user, join.role);
        if (!known || known->role != join.role) {
            events.push_back(joinedEvent(join.conversation, join.user, join.role));
        }
        return events;
    }

    Result<Events> operator()(const LeaveRoom& leave) const {
        if (!state.started()) return notFound(leave.conversation);
        if (!leave.user) return missingField("userId");
        const auto* known = state.find(*leave.user);
        if (!known && context.subscribed) return Events{};
        if (!known) return notParticipant(leave.conversation, *leave.user);
        return left(*known);
    }

    Result<Events> operator()(const RemoveParticipant& removal) const {
        if (!state.started()) return notFound(removal.conversation);
        const auto* known = state.find(removal.user);
        if (!known) return notParticipant(removal.conversation, removal.user);
        Events events = left(*known);
        Event& event = events.back();
        event.version = 2;
        event.cause = cause::kRemoved;
        if (removal.by) {
            event.data = "{\"by\":";
            appendJsonString(event.data, removal.by->str());
            event.data += '}';
        }
        return events;
    }

    // Whether `more` may join. Those who are in stay, however many they are.
    Result<void> roomFor(std::size_t more) const {
        if (more == 0 || state.participants.size() + more <= context.participantsMax) return {};
        return Error{
            ErrorCode::limit_reached,
            "a conversation may have " + std::to_string(context.participantsMax) + " participants"};
    }

    Events left(const Participant& participant) const {
        Events events;
        stopTypingIfTyping(events, state, participant.user, cause::kLeave);
        Event event = make(EventType::participantLeft, state.id, participant.user);
        event.role = participant.role;
        events.push_back(std::move(event));
        return events;
    }

    Result<Events> operator()(const SendMessage& send) const {
        if (!send.from) return missingField("fromUserId");
        if (!send.fromRole) return missingField("fromRole");
        const auto& from = *send.from;
        const auto role = *send.fromRole;
        if (send.isVisible == false && !isStaff(role) && role != UserRole::robot) {
            return Error{ErrorCode::forbidden, "only staff can hide a message from customers"};
        }
        if (send.expectedSeq && *send.expectedSeq != state.lastSeq) {
            return Error{ErrorCode::conflict,
                         "expected seq " + std::to_string(send.expectedSeq->value) + ", found " +
                             std::to_string(state.lastSeq.value) + ", conversation \"" +
                             send.conversation.str() + "\""};
        }
        const bool joins = state.find(from) == nullptr;
        if (auto room = roomFor(joins ? 1 : 0); !room) return room.error();
        Events events;
        startIfNew(events, state, send.conversation, from, role, cause::kMessage);
        if (joins) {
            events.push_back(joinedEvent(send.conversation, from, role, cause::kMessage));
        }
        stopTypingIfTyping(events, state, from, cause::kMessage);
        Event sent = make(EventType::messageSent, send.conversation, from);
        sent.role = role;
        sent.messageType = send.type;
        sent.toRole = send.toRole;
        sent.visible = visibleToCustomers(role, send.type, send.toRole, send.isVisible);
        sent.clientMessageId = send.clientMessageId;
        sent.content = send.content;
        events.push_back(std::move(sent));
        return events;
    }

    Result<Events> operator()(const StartTyping& typing) const {
        if (!state.started()) return notFound(typing.conversation);
        if (!state.find(typing.user)) return notParticipant(typing.conversation, typing.user);
        return Events{typingEvent(EventType::typingStarted, typing.conversation, typing.user,
                                  typing.userName)};
    }

    Result<Events> operator()(const StopTyping& typing) const {
        if (!state.started()) return notFound(typing.conversation);
        if (!state.find(typing.user)) return notParticipant(typing.conversation, typing.user);
        const auto* known = state.findTyping(typing.user);
        return Events{typingEvent(EventType::typingStopped, typing.conversation, typing.user,
                                  known ? known->userName : std::string())};
    }

    Result<Events> operator()(const ShareRobotMessage& share) const {
        if (!state.started()) return notFound(share.conversation);
        const auto* sharer = state.find(share.from);
        if (!sharer) return notParticipant(share.conversation, share.from);
        if (!isStaff(sharer->role)) {
            return Error{ErrorCode::forbidden, "only agents and supervisors share robot messages"};
        }
        if (!context.original) {
            return Error{ErrorCode::message_not_found,
                         "conversation \"" + share.conversation.str() + "\" has no message " +
                             share.original.str()};
        }
        const Event& original = *context.original;
        const bool robots =
            original.type == EventType::messageSent &&
            (original.role == UserRole::robot || original.messageType == MessageType::robot);
        if (!robots) {
            return Error{ErrorCode::not_robot_message,
                         "message " + share.original.str() + " was not written by a robot"};
        }
        Events events;
        stopTypingIfTyping(events, state, share.from, cause::kMessage);
        Event shared = make(EventType::messageShared, share.conversation, share.from);
        shared.role = sharer->role;
        shared.messageType = MessageType::robot;
        shared.toRole = UserRole::customer;
        shared.visible = true;
        shared.original = share.original;
        shared.content = original.content;
        events.push_back(std::move(shared));
        return events;
    }

    Result<Events> operator()(const StartConversation& start) const {
        if (state.started()) {
            return Error{ErrorCode::conversation_exists,
                         "conversation \"" + start.conversation.str() + "\" has been started"};
        }
        if (auto room = roomFor(start.initialParticipants.size()); !room) return room.error();
        Events events;
        startIfNew(events, state, start.conversation, start.createdBy, start.createdByRole);
        if (start.title || start.description) {
            // People typed these: they belong to the content, which can one day be erased.
            Json text = Json::object();
            if (start.title) text["title"] = *start.title;
            if (start.description) text["description"] = *start.description;
            events.back().content = text.dump();
        }
        for (const auto& named : start.initialParticipants) {
            events.push_back(
                joinedEvent(start.conversation, named.user, named.role, cause::kStart));
        }
        return events;
    }

    Result<Events> operator()(const EndTyping& end) const {
        Events events;
        stopTypingIfTyping(events, state, end.user, end.why);
        return events;
    }
};

}  // namespace

const ConversationId& conversationOf(const Command& command) {
    return std::visit([](const auto& one) -> const ConversationId& { return one.conversation; },
                      command);
}

Result<std::vector<Event>> decide(const ConversationState& state, const Command& command,
                                  const DecideContext& context) {
    return std::visit(Decider{state, context}, command);
}

}  // namespace parley
