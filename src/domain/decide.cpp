#include <parley/core/json.h>
#include <parley/domain/decide.h>
#include <parley/domain/refusals.h>
#include <parley/domain/visibility.h>

#include <string>
#include <utility>

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

// Whether what the conversation does not know yet may become known to it.
Result<void> mayEnter(const ConversationState& state, const ConversationId& conversation,
                      const UserId& user) {
    if (!state.started()) {
        if (auto fine = mayBeNew(conversation.str(), "conversationId"); !fine) return fine;
    }
    return state.find(user) ? Result<void>() : mayBeNew(user.str(), "user's id");
}

Error missingField(std::string_view field) {
    return {ErrorCode::missing_field, std::string(field) + " is required"};
}

Result<void> mayBeUsed(const std::optional<ClientMessageId>& id) {
    return id ? mayBeNew(id->str(), "clientMessageId") : Result<void>();
}

// Whether `send` would store the same message as `first` is.
bool repeats(const SendMessage& send, const Event& first) {
    return first.type == EventType::messageSent && first.content == send.content &&
           first.messageType == send.type && first.toRole == send.toRole &&
           first.visible ==
               visibleToCustomers(*send.fromRole, send.type, send.toRole, send.isVisible);
}

bool repeats(const ShareRobotMessage& share, const Event& first) {
    return first.type == EventType::messageShared && first.original == share.original;
}

// A message that the sender may not see is never told, not even by what is refused and what not.
Result<Events> repeatOf(const Event& first, bool same, const Viewer& viewer) {
    if (same && visible(first, viewer)) return Events{};
    return Error{ErrorCode::client_message_id_reused,
                 "clientMessageId \"" + first.clientMessageId->str() + "\" was used by \"" +
                     first.actor.str() + "\" before, for another message"};
}

struct Decider {
    const ConversationState& state;
    const DecideContext& context;

    Result<Events> operator()(const JoinRoom& join) const {
        if (auto fine = mayEnter(state, join.conversation, join.user); !fine) return fine.error();
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
        if (!state.started()) return conversationNotFound(leave.conversation);
        if (!leave.user) return missingField("userId");
        const auto* known = state.find(*leave.user);
        if (!known && context.subscribed) return Events{};
        if (!known) return notParticipant(leave.conversation, *leave.user);
        return left(*known);
    }

    Result<Events> operator()(const RemoveParticipant& removal) const {
        if (!state.started()) return conversationNotFound(removal.conversation);
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
        if (context.sentBefore) {
            const Event& first = *context.sentBefore;
            return repeatOf(first, repeats(send, first), context.viewer);
        }
        if (auto fine = mayEnter(state, send.conversation, from); !fine) return fine.error();
        if (auto fine = mayBeUsed(send.clientMessageId); !fine) return fine.error();
        if (send.isVisible == false && !isStaff(role) && role != UserRole::robot) {
            return Error{ErrorCode::forbidden, "only staff can hide a message from customers"};
        }
        if (send.expectedSeq) {
            // Only what the sender may see can have escaped them: not a note, nor that
            // somebody types, joins or leaves.
            const Seq expected = *send.expectedSeq;
            if (expected < context.lastSeen || expected > state.lastSeq) {
                return Error{ErrorCode::conflict,
                             "expected seq " + std::to_string(expected.value) + ", found " +
                                 std::to_string(context.lastSeen.value) + ", conversation \"" +
                                 send.conversation.str() + "\""};
            }
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
        if (!state.started()) return conversationNotFound(typing.conversation);
        if (!state.find(typing.user)) return notParticipant(typing.conversation, typing.user);
        return Events{typingEvent(EventType::typingStarted, typing.conversation, typing.user,
                                  typing.userName)};
    }

    Result<Events> operator()(const StopTyping& typing) const {
        if (!state.started()) return conversationNotFound(typing.conversation);
        if (!state.find(typing.user)) return notParticipant(typing.conversation, typing.user);
        const auto* known = state.findTyping(typing.user);
        return Events{typingEvent(EventType::typingStopped, typing.conversation, typing.user,
                                  known ? known->userName : std::string())};
    }

    Result<Events> operator()(const ShareRobotMessage& share) const {
        if (!state.started()) return conversationNotFound(share.conversation);
        const auto* sharer = state.find(share.from);
        if (!sharer) return notParticipant(share.conversation, share.from);
        if (!isStaff(sharer->role)) {
            return Error{ErrorCode::forbidden, "only agents and supervisors share robot messages"};
        }
        if (context.sentBefore) {
            const Event& first = *context.sentBefore;
            return repeatOf(first, repeats(share, first), context.viewer);
        }
        if (auto fine = mayBeUsed(share.clientMessageId); !fine) return fine.error();
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
        if (context.sharedBefore) return Events{};
        Events events;
        stopTypingIfTyping(events, state, share.from, cause::kMessage);
        Event shared = make(EventType::messageShared, share.conversation, share.from);
        shared.role = sharer->role;
        shared.messageType = MessageType::robot;
        shared.toRole = UserRole::customer;
        shared.visible = true;
        shared.original = share.original;
        shared.clientMessageId = share.clientMessageId;
        shared.content = original.content;
        events.push_back(std::move(shared));
        return events;
    }

    Result<Events> operator()(const StartConversation& start) const {
        if (state.started()) {
            return Error{ErrorCode::conversation_exists,
                         "conversation \"" + start.conversation.str() + "\" has been started"};
        }
        if (auto fine = mayBeNew(start.conversation.str(), "conversationId"); !fine) {
            return fine.error();
        }
        if (auto fine = mayBeNew(start.createdBy.str(), "createdBy"); !fine) return fine.error();
        for (const auto& named : start.initialParticipants) {
            auto fine = mayBeNew(named.user.str(), "initialParticipants");
            if (!fine) return fine.error();
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
