#include <parley/log/execute.h>
#include <parley/log/read/conversation_seqs.h>

#include <algorithm>
#include <cstdint>

namespace parley {

ConversationSeqs::ConversationSeqs(Database& db)
    : db_(db),
      position_(db.sqlite(), "SELECT position FROM event WHERE conversation = ? AND seq = ?"),
      last_(db.sqlite(), "SELECT coalesce(max(seq), 0) FROM event WHERE conversation = ?") {}

std::int64_t ConversationSeqs::readLast(ConversationKey conversation) {
    return numberFrom(last_, conversation.value).value_or(0);
}

// Beyond the log where there is no such event.
Position ConversationSeqs::positionOf(ConversationKey conversation, std::int64_t seq) {
    return {numberFrom(position_, conversation.value, seq).value_or(INT64_MAX)};
}

bool ConversationSeqs::isBefore(ConversationKey conversation, std::int64_t seq, Position position) {
    return positionOf(conversation, seq) < position;
}

// Mostly the place is near the end: from there in steps that double, then by halves.
Seq ConversationSeqs::findLastBefore(ConversationKey conversation, Position position) {
    std::int64_t notBefore = readLast(conversation) + 1;
    std::int64_t before = notBefore - 1;
    for (std::int64_t step = 1; before > 0 && !isBefore(conversation, before, position);
         step *= 2) {
        notBefore = before;
        before = std::max<std::int64_t>(before - step, 0);
    }
    while (notBefore - before > 1) {
        const std::int64_t middle = before + (notBefore - before) / 2;
        (isBefore(conversation, middle, position) ? before : notBefore) = middle;
    }
    return {before};
}

Result<Seq> ConversationSeqs::last(ConversationKey conversation) {
    return db_.query([&] { return Seq{readLast(conversation)}; });
}

Result<Seq> ConversationSeqs::lastBefore(ConversationKey conversation, Position position) {
    return db_.query([&] { return findLastBefore(conversation, position); });
}

Result<std::int64_t> ConversationSeqs::countBetween(ConversationKey conversation, Position after,
                                                    Position upTo) {
    return db_.query([&] {
        return findLastBefore(conversation, {upTo.value + 1}).value -
               findLastBefore(conversation, {after.value + 1}).value;
    });
}

Result<ConversationExtent> ConversationSeqs::extent(ConversationKey conversation, Position after,
                                                    Position upTo) {
    return db_.query([&] {
        ConversationExtent extent;
        const Seq end = findLastBefore(conversation, {upTo.value + 1});
        if (end.value == 0 || isBefore(conversation, end.value, {after.value + 1})) return extent;
        extent.before = findLastBefore(conversation, {after.value + 1});
        extent.events = end.value - extent.before.value;
        extent.first = positionOf(conversation, extent.before.value + 1);
        return extent;
    });
}

}  // namespace parley
