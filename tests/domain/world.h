#pragma once

#include <parley/domain/decide.h>

#include <string>
#include <vector>

namespace parley::test {

inline ConversationId conversation() {
    return ConversationId::fromStored("c1");
}
inline UserId user(const std::string& id) {
    return UserId::fromStored(id);
}

inline SendMessage message(const std::string& from, UserRole role, const std::string& text) {
    return {.conversation = conversation(),
            .from = user(from),
            .fromRole = role,
            .content = text,
            .toRole = {},
            .isVisible = {},
            .clientMessageId = {},
            .expectedSeq = {}};
}

/// A conversation that carries out commands on itself, as the writer does.
struct World {
    ConversationState state;
    std::vector<EventType> last;  ///< the types of the last command's events
    Event lastEvent;

    World() { state.id = conversation(); }

    Decision run(const Command& command, const DecideContext& context = {}) {
        auto events = decide(state, command, context);
        last.clear();
        if (!events) return events;
        for (auto& event : *events) {
            event.seq = {state.lastSeq.value + 1};
            evolve(state, event);
            last.push_back(event.type);
            lastEvent = event;
        }
        return events;
    }
};

using Types = std::vector<EventType>;

}  // namespace parley::test
