#include <parley/core/json.h>
#include <parley/domain/conversation_state.h>

namespace parley {
namespace {

void changed(ConversationState& state, UnixMillis at) {
    state.figures.updatedAt = state.customerFigures.updatedAt = at;
}

void joined(ConversationState& state, const Event& event) {
    const auto role = event.role.value_or(UserRole::customer);
    if (auto* known = state.participants.find(event.actor)) {
        known->role = role;  // joined again in another role: still there since joinedAt
    } else {
        state.participants.add({event.actor, event.actorKey, role, event.at});
    }
    changed(state, event.at);
}

void left(ConversationState& state, const Event& event) {
    state.participants.remove(event.actor);
    state.typing.remove(event.actor);
    changed(state, event.at);
}

void typingStarted(ConversationState& state, const Event& event) {
    if (auto* known = state.typing.find(event.actor)) {
        known->userName = userNameOf(event);
    } else {
        state.typing.add({event.actor, userNameOf(event)});
    }
}

}  // namespace

void add(ConversationFigures& figures, const Event& message) {
    ++figures.messageCount;
    figures.lastMessageSeq = message.seq;
    figures.lastMessageAt = figures.updatedAt = message.at;
}

void evolve(ConversationState& state, const Event& event) {
    state.lastSeq = event.seq;
    switch (event.type) {
        case EventType::conversationStarted:
            state.id = event.conversation;
            state.key = event.conversationKey;
            state.createdAt = event.at;
            state.figures = state.customerFigures = {0, {}, event.at, event.at};
            break;
        case EventType::participantJoined: joined(state, event); break;
        case EventType::participantLeft: left(state, event); break;
        case EventType::messageSent:
        case EventType::messageShared:
            add(state.figures, event);
            if (visibleToEveryCustomer(event)) add(state.customerFigures, event);
            break;
        case EventType::typingStarted: typingStarted(state, event); break;
        case EventType::typingStopped: state.typing.remove(event.actor); break;
        case EventType::retentionApplied: break;  // of the system conversation, which has no state
    }
}

bool seesOwnHidden(const ConversationState& state, const Viewer& viewer) {
    return viewer.role == UserRole::customer && viewer.user.value != 0 &&
           state.figures.messageCount != state.customerFigures.messageCount;
}

ConversationFigures figuresFor(const ConversationState& state, const Viewer& viewer,
                               const HiddenMessages& own) {
    if (viewer.role != UserRole::customer) return state.figures;
    ConversationFigures seen = state.customerFigures;
    if (own.count == 0) return seen;
    seen.messageCount += own.count;
    seen.lastMessageSeq = std::max(seen.lastMessageSeq, own.lastSeq);
    seen.lastMessageAt = std::max(seen.lastMessageAt, own.lastAt);
    seen.updatedAt = std::max(seen.updatedAt, own.lastAt);
    return seen;
}

std::string userNameOf(const Event& typing) {
    const auto data = parseJson(typing.data);
    if (!data || !data->is_object()) return {};
    const auto name = data->find("userName");
    return name != data->end() && name->is_string() ? name->get<std::string>() : std::string();
}

}  // namespace parley
