#include "engine/replication/outcome_records.h"

#include <utility>

namespace parley {
namespace {

/// No overload takes everything: a new kind of reply without one does not compile.
struct RecordOf {
    using Record = OutcomeRecord::Reply;
    Record operator()(const DoneReply& done) const { return done; }
    Record operator()(const WatchReply& watch) const { return watch; }
    Record operator()(const ResumeReply& resumed) const { return resumed; }
    Record operator()(const MessageReply& reply) const {
        return MessageRecord{reply.message->position};
    }
    Record operator()(const JoinReply& joined) const {
        return JoinRecord{joined.conversation->id, joined.participant.user, joined.own,
                          joined.position, joined.viewer};
    }
    Record operator()(const ConversationReply& started) const {
        return ConversationRecord{started.conversation.id, started.title, started.description};
    }
};

RefusalRecord recordOf(const Error& error, const RefusalFacts* facts) {
    RefusalRecord record{error, {}};
    if (!facts) return record;
    if (const auto* used = std::get_if<UsedBefore>(facts)) record.facts = *used;
    if (const auto* unseen = std::get_if<Unseen>(facts)) {
        UnseenRecord told{unseen->lastSeq, {}, unseen->more};
        for (const auto& message : unseen->messages) told.messages.push_back(message.position);
        record.facts = std::move(told);
    }
    return record;
}

void noteUpdates(const Outcome& outcome, OutcomeRecord& record) {
    for (const auto& update : outcome.updates) {
        if (const auto* typing = std::get_if<TypingChanged>(&update)) {
            if (typing->typedOn) record.typedOn = typing->typedOn;
        } else if (const auto* back = std::get_if<ParticipantReturned>(&update)) {
            record.returned = back->conversation;
            record.returnedUser = back->participant.user;
        }
    }
}

}  // namespace

bool tellsOthers(const Outcome& outcome) {
    return !outcome.updates.empty() || outcome.takenOver || outcome.removal;
}

std::vector<OutcomeRecord> recordsOf(const std::vector<Outcome>& outcomes) {
    std::vector<OutcomeRecord> records;
    records.reserve(outcomes.size());
    for (const auto& outcome : outcomes) {
        auto& record = records.emplace_back();
        record.connection = outcome.origin.connection;
        record.replyTo = outcome.origin.replyTo;
        record.sender = outcome.sender;
        record.upTo = outcome.upTo;
        record.takenOver = outcome.takenOver;
        record.removal = outcome.removal;
        noteUpdates(outcome, record);
        record.subscription = outcome.subscription;
        record.answered = outcome.answered;
        if (outcome.reply) {
            record.reply = std::visit(RecordOf{}, *outcome.reply);
        } else {
            record.reply = recordOf(outcome.reply.error(), outcome.facts.get());
        }
    }
    return records;
}

}  // namespace parley
