#include "engine/batch/system_events.h"

#include <parley/core/try.h>

#include <utility>
#include <vector>

namespace parley {

// For the number of its next event.
Result<ConversationState> SystemEvents::conversation(const ConversationId& id) {
    ConversationState state;
    PARLEY_TRY_ASSIGN(const auto key, parts_.log.find(id));
    if (key) {
        PARLEY_TRY_ASSIGN(state.lastSeq, parts_.seqs.last(*key));
    }
    return state;
}

Result<void> SystemEvents::append(Event event) {
    auto state = conversation(event.conversation);
    if (!state) return parts_.unit.fail(state.error());
    std::vector<Event> events{std::move(event)};
    parts_.appender.number(*state, events);
    PARLEY_TRY(parts_.appender.append(*state, std::move(events), {}));
    return {};
}

}  // namespace parley
