#include "engine/batch/applier.h"

#include <parley/core/try.h>
#include <parley/domain/upkeep/upkeep.h>
#include <parley/log/chain_check.h>

#include <iterator>
#include <string>
#include <utility>

namespace parley {
namespace {

Error splits(std::string problem) {
    return {ErrorCode::storage_damaged,
            "what the leader decided does not continue this node's log: " + std::move(problem)};
}

}  // namespace

Result<std::vector<ProjectionUpdate>> Applier::apply(const ReplicatedUnit& unit) {
    if (auto checked = check(unit); !checked) return unit_.fail(checked.error());
    PARLEY_TRY(unit_.begin());
    unit_.applies(unit.mark);
    std::vector<ProjectionUpdate> updates;
    for (const auto& stored : unit.events) {
        if (auto done = applyEvent(stored, updates); !done) return unit_.fail(done.error());
    }
    return updates;
}

// Seqs are the one thing that the chain does not check from the middle of a log on; the state of
// the conversation does, see applyEvent.
Result<void> Applier::check(const ReplicatedUnit& unit) const {
    const auto& head = log_.head();
    if (unit.after != head.position) {
        return splits("it follows position " + std::to_string(unit.after.value) +
                      ", and the log ends at " + std::to_string(head.position.value));
    }
    if (unit.previous != head.hash) {
        return splits("the event at position " + std::to_string(head.position.value) +
                      " has another hash");
    }
    ChainCheck chain(head.position, head.hash, head.at);
    for (const auto& stored : unit.events) {
        if (auto problem = chain.problemOf(stored); !problem.empty()) {
            return splits("event " + std::to_string(stored.event.position.value) + ": " + problem);
        }
    }
    return {};
}

// Both databases give numbers in the order of first use, so they agree as long as the logs do.
Result<void> Applier::giveKeys(const Event& event) {
    Event named;
    named.conversation = event.conversation;
    named.actor = event.actor;
    PARLEY_TRY(log_.intern(named));
    if (named.conversationKey == event.conversationKey && named.actorKey == event.actorKey) {
        return {};
    }
    return splits("event " + std::to_string(event.position.value) +
                  ": its conversation or its actor has another number here");
}

Result<void> Applier::applyEvent(const StoredEvent& stored,
                                 std::vector<ProjectionUpdate>& updates) {
    const Event& event = stored.event;
    PARLEY_TRY(giveKeys(event));
    ConversationState system;  // has no state in memory
    ConversationState* state = &system;
    if (event.conversation.str() != system_id::kConversation) {
        PARLEY_TRY_ASSIGN(state, live_.conversations.get(event.conversation));
        if (event.seq.value != state->lastSeq.value + 1) {
            return splits("event " + std::to_string(event.position.value) + ": expected seq " +
                          std::to_string(state->lastSeq.value + 1) + ", found " +
                          std::to_string(event.seq.value));
        }
    }
    PARLEY_TRY_ASSIGN(auto changed, appender_.restore(*state, stored));
    if (event.type == EventType::retentionApplied) PARLEY_TRY(retention_.repeat(event));
    updates.insert(updates.end(), std::make_move_iterator(changed.begin()),
                   std::make_move_iterator(changed.end()));
    return {};
}

}  // namespace parley
