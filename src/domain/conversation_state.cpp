#include <parley/core/json.h>
#include <parley/domain/conversation_state.h>

namespace parley {
namespace {

void joined(ConversationState& state, const Event& event) {
    const auto role = event.role.value_or(UserRole::customer);
    if (auto* known = state.participants.find(event.actor)) {
        known->role = role;  // joined again in another role: still there since joinedAt
    } else {
        state.participants.add({event.actor, event.actorKey, role, event.at});
    }
    state.updatedAt = event.at;
}

void left(ConversationState& state, const Event& event) {
    state.participants.remove(event.actor);
    state.typing.remove(event.actor);
    state.updatedAt = event.at;
}

void typingStarted(ConversationState& state, const Event& event) {
    if (auto* known = state.typing.find(event.actor)) {
        known->userName = userNameOf(event);
    } else {
        state.typing.add({event.actor, userNameOf(event)});
    }
}

}  // namespace

void evolve(ConversationState& state, const Event& event) {
    state.lastSeq = event.seq;
    switch (event.type) {
        case EventType::conversationStarted:
            state.id = event.conversation;
            state.key = event.conversationKey;
            state.createdAt = state.updatedAt = state.lastMessageAt = event.at;
            break;
        case EventType::participantJoined: joined(state, event); break;
        case EventType::participantLeft: left(state, event); break;
        case EventType::messageSent:
        case EventType::messageShared:
            ++state.messageCount;
            state.lastMessageAt = state.updatedAt = event.at;
            break;
        case EventType::typingStarted: typingStarted(state, event); break;
        case EventType::typingStopped: state.typing.remove(event.actor); break;
        case EventType::retentionApplied: break;  // of the system conversation, which has no state
    }
}

std::string userNameOf(const Event& typing) {
    const auto data = parseJson(typing.data);
    if (!data || !data->is_object()) return {};
    const auto name = data->find("userName");
    return name != data->end() && name->is_string() ? name->get<std::string>() : std::string();
}

}  // namespace parley
