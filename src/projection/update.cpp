#include <parley/projection/update.h>

#include <utility>

namespace parley {
namespace {

Participant participantOf(const ConversationState& before, const Event& event) {
    if (const auto* known = before.find(event.actor)) return *known;
    return {event.actor, event.actorKey, event.role.value_or(UserRole::customer), event.at};
}

}  // namespace

std::vector<ProjectionUpdate> project(ConversationState& state, std::vector<Event> events) {
    std::vector<ProjectionUpdate> updates;
    for (std::size_t i = 0; i < events.size(); ++i) {
        Event& event = events[i];
        const auto leaving = event.type == EventType::participantLeft
                                 ? std::optional(participantOf(state, event))
                                 : std::nullopt;
        evolve(state, event);
        switch (event.type) {
            case EventType::conversationStarted: {
                Position last = event.position;
                Fingerprint fingerprint = event.fingerprint;
                while (i + 1 < events.size() && belongsToStart(events[i + 1])) {
                    evolve(state, events[++i]);
                    last = events[i].position;
                    fingerprint = events[i].fingerprint;
                }
                updates.push_back(
                    ConversationStarted{last, fingerprint, event.actor, state, event.at});
                break;
            }
            case EventType::participantJoined:
                updates.push_back(ParticipantAdded{event.position, event.fingerprint, state.id,
                                                   state.key, participantOf(state, event),
                                                   event.at});
                break;
            case EventType::participantLeft:
                updates.push_back(ParticipantRemoved{event.position, event.fingerprint, state.id,
                                                     state.key, *leaving, event.at});
                break;
            case EventType::messageSent:
            case EventType::messageShared:
                updates.push_back(MessageAdded{
                    std::make_shared<const Event>(std::move(event)), state.figures.messageCount,
                    state.figures.lastMessageAt, state.figures.updatedAt});
                break;
            case EventType::typingStarted:
            case EventType::typingStopped:
                updates.push_back(TypingChanged{state.id, state.key, event.actor, userNameOf(event),
                                                event.type == EventType::typingStarted, 0});
                break;
            case EventType::retentionApplied: break;  // nobody's news
        }
    }
    return updates;
}

}  // namespace parley
