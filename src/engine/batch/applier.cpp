#include "engine/batch/applier.h"

#include <parley/core/try.h>
#include <parley/domain/upkeep/upkeep.h>
#include <parley/log/chain_check.h>

#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace parley {
namespace {

Error splits(std::string problem) {
    return {ErrorCode::storage_damaged,
            "what the leader decided does not continue this node's log: " + std::move(problem)};
}

// Events of one conversation that follow one another, as a command appends them: what is told of a
// start includes the joins behind it.
std::span<const StoredEvent> firstGroup(std::span<const StoredEvent> events, Position upTo) {
    std::size_t count = 0;
    while (count < events.size() && events[count].event.position <= upTo &&
           events[count].event.conversation == events.front().event.conversation) {
        ++count;
    }
    return events.first(count);
}

Result<void> checkSeqs(std::span<const StoredEvent> group, Seq seq) {
    for (const auto& stored : group) {
        ++seq.value;
        if (stored.event.seq == seq) continue;
        return splits("event " + std::to_string(stored.event.position.value) + ": expected seq " +
                      std::to_string(seq.value) + ", found " +
                      std::to_string(stored.event.seq.value));
    }
    return {};
}

}  // namespace

// Each outcome takes the events up to its end, so that joins share their copies of a conversation
// as they do where they are decided.
Result<std::vector<Outcome>> Applier::apply(const ReplicatedUnit& unit) {
    if (auto checked = check(unit); !checked) return parts_.unit.fail(checked.error());
    PARLEY_TRY(parts_.unit.begin());
    parts_.unit.applies(unit.mark);
    std::vector<Outcome> outcomes;
    std::span<const StoredEvent> left(unit.events);
    const auto applyUpTo = [&](Position upTo, Outcome& outcome) -> Result<void> {
        for (auto group = firstGroup(left, upTo); !group.empty(); group = firstGroup(left, upTo)) {
            PARLEY_TRY(applyGroup(group, outcome.updates));
            left = left.subspan(group.size());
        }
        outcome.upTo = parts_.unit.head().position;
        return {};
    };
    for (const auto& record : unit.outcomes) {
        auto& outcome = outcomes.emplace_back();
        auto done = applyUpTo(record.upTo, outcome);
        if (done) done = complete(record, outcome);
        if (!done) return parts_.unit.fail(done.error());
    }
    if (!left.empty()) {
        auto& rest = outcomes.emplace_back();
        rest.answered = false;
        auto done = applyUpTo(unit.events.back().event.position, rest);
        if (!done) return parts_.unit.fail(done.error());
    }
    if (auto done = parts_.replication->apply(unit.changes); !done) {
        return parts_.unit.fail(done.error());
    }
    return outcomes;
}

// Seqs are the one thing that the chain does not check from the middle of a log on; the state of
// the conversation does, see applyEvent.
Result<void> Applier::check(const ReplicatedUnit& unit) const {
    const auto& head = parts_.log.head();
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
    PARLEY_TRY(parts_.log.intern(named));
    if (named.conversationKey == event.conversationKey && named.actorKey == event.actorKey) {
        return {};
    }
    return splits("event " + std::to_string(event.position.value) +
                  ": its conversation or its actor has another number here");
}

Result<void> Applier::applyGroup(std::span<const StoredEvent> group,
                                 std::vector<ProjectionUpdate>& updates) {
    ConversationState system;  // has no state in memory
    ConversationState* state = &system;
    const auto& conversation = group.front().event.conversation;
    if (conversation.str() != system_id::kConversation) {
        PARLEY_TRY_ASSIGN(state, parts_.live.conversations.get(conversation));
        PARLEY_TRY(checkSeqs(group, state->lastSeq));
    }
    for (const auto& stored : group) PARLEY_TRY(giveKeys(stored.event));
    PARLEY_TRY_ASSIGN(auto changed, parts_.appender.restore(*state, group));
    for (const auto& stored : group) {
        if (stored.event.type == EventType::retentionApplied) {
            PARLEY_TRY(parts_.retention.repeat(stored.event));
        }
    }
    updates.insert(updates.end(), std::make_move_iterator(changed.begin()),
                   std::make_move_iterator(changed.end()));
    return {};
}

Result<void> Applier::complete(const OutcomeRecord& record, Outcome& outcome) {
    outcome.origin.connection = record.connection;
    outcome.origin.replyTo = record.replyTo;
    outcome.sender = record.sender;
    outcome.takenOver = record.takenOver;
    outcome.comesBack = record.takenOver && !record.connection;  // nobody has its session
    outcome.removal = record.removal;
    outcome.answered = false;
    for (auto& update : outcome.updates) {
        if (auto* typing = std::get_if<TypingChanged>(&update)) typing->typedOn = record.typedOn;
    }
    if (record.returned) PARLEY_TRY(addReturned(record, outcome));
    if (!parts_.replication->isHere(record.replyTo)) return {};
    outcome.answered = record.answered;
    outcome.subscription = record.subscription;
    return std::visit(
        [&](const auto& reply) -> Result<void> {
            using Kind = std::remove_cvref_t<decltype(reply)>;
            if constexpr (std::is_same_v<Kind, RefusalRecord>) {
                outcome.reply = reply.error;
                if (const auto* used = std::get_if<UsedBefore>(&reply.facts)) {
                    outcome.facts = std::make_shared<const RefusalFacts>(*used);
                } else if (const auto* unseen = std::get_if<UnseenRecord>(&reply.facts)) {
                    PARLEY_TRY_ASSIGN(auto facts, factsOf(*unseen));
                    outcome.facts = std::make_shared<const RefusalFacts>(std::move(facts));
                }
            } else if constexpr (std::is_constructible_v<Reply, Kind>) {
                outcome.reply = Reply(reply);
            } else {
                outcome.reply = replyOf(reply);
                if (!outcome.reply) return outcome.reply.error();
            }
            return {};
        },
        record.reply);
}

Result<void> Applier::addReturned(const OutcomeRecord& record, Outcome& outcome) {
    PARLEY_TRY_ASSIGN(const auto* state, parts_.live.conversations.get(*record.returned));
    const auto* participant = state->find(record.returnedUser);
    if (!participant) return splits("a user came back to a conversation that they are not in");
    outcome.updates.emplace_back(ParticipantReturned{state->id, state->key, *participant});
    return {};
}

Result<EventPtr> Applier::eventAt(Position position) {
    PARLEY_TRY_ASSIGN(auto event, parts_.reads.events.at(position));
    if (!event) return splits("position " + std::to_string(position.value) + " is not there");
    return std::make_shared<const Event>(std::move(*event));
}

Result<Reply> Applier::replyOf(const MessageRecord& record) {
    PARLEY_TRY_ASSIGN(auto message, eventAt(record.message));
    return Reply(MessageReply{std::move(message)});
}

Result<Reply> Applier::replyOf(const JoinRecord& record) {
    PARLEY_TRY_ASSIGN(const auto* state, parts_.live.conversations.get(record.conversation));
    const auto* participant = state->find(record.user);
    if (!participant) return splits("a user joined a conversation that they are not in");
    return Reply(JoinReply{*participant, parts_.joinViews.viewOf(*state), record.own,
                           record.position, record.viewer});
}

Result<Reply> Applier::replyOf(const ConversationRecord& record) {
    PARLEY_TRY_ASSIGN(const auto* state, parts_.live.conversations.get(record.conversation));
    return Reply(ConversationReply{*state, state->figures, record.title, record.description});
}

Result<RefusalFacts> Applier::factsOf(const UnseenRecord& record) {
    Unseen unseen;
    unseen.lastSeq = record.lastSeq;
    unseen.more = record.more;
    for (const auto position : record.messages) {
        PARLEY_TRY_ASSIGN(const auto message, eventAt(position));
        unseen.messages.push_back(*message);
    }
    return RefusalFacts(std::move(unseen));
}

}  // namespace parley
