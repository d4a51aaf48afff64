#include <parley/domain/conversation_state.h>

#include <algorithm>

#include <parley/core/json.h>

namespace parley {
namespace {

template <typename List>
auto findUser(List& list, const UserId& user) {
    return std::find_if(list.begin(), list.end(),
                        [&](const auto& one) { return one.user == user; });
}

void joined(ConversationState& state, const Event& event) {
    const auto role = event.role.value_or(UserRole::customer);
    const auto known = findUser(state.participants, event.actor);
    if (known == state.participants.end()) {
        state.participants.push_back({event.actor, event.actorKey, role, event.at});
    } else {
        known->role = role;  // joined again in another role: still there since joinedAt
    }
    state.updatedAt = event.at;
}

void left(ConversationState& state, const Event& event) {
    std::erase_if(state.participants, [&](const auto& p) { return p.user == event.actor; });
    std::erase_if(state.typing, [&](const auto& t) { return t.user == event.actor; });
    state.updatedAt = event.at;
}

void typingStarted(ConversationState& state, const Event& event) {
    const auto known = findUser(state.typing, event.actor);
    if (known == state.typing.end()) {
        state.typing.push_back({event.actor, userNameOf(event)});
    } else {
        known->userName = userNameOf(event);
    }
}

}  // namespace

const Participant* ConversationState::find(const UserId& user) const {
    const auto at = findUser(participants, user);
    return at == participants.end() ? nullptr : &*at;
}

const TypingUser* ConversationState::findTyping(const UserId& user) const {
    const auto at = findUser(typing, user);
    return at == typing.end() ? nullptr : &*at;
}

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
        case EventType::typingStopped:
            std::erase_if(state.typing, [&](const auto& t) { return t.user == event.actor; });
            break;
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
