#include "projection/tables/hidden_table.h"

#include <parley/domain/visibility.h>
#include <parley/log/execute.h>

namespace parley {

HiddenTable::HiddenTable(SQLite::Database& db)
    : hide_(db,
            "INSERT INTO hidden_by_author (conversation, user, message_count, last_seq, last_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (conversation, user) DO UPDATE SET"
            " message_count = message_count + excluded.message_count,"
            " last_seq = max(last_seq, excluded.last_seq),"
            " last_at = max(last_at, excluded.last_at)") {}

void HiddenTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (!isMessage(event.type) || visibleToEveryCustomer(event)) return;
    auto& own = pending_[{event.conversationKey, event.actorKey}];
    ++own.count;
    own.lastSeq = event.seq;
    own.lastAt = event.at;
}

void HiddenTable::flush() {
    for (const auto& [author, own] : pending_) {
        execute(hide_, author.first.value, author.second.value, own.count, own.lastSeq.value,
                own.lastAt.value);
    }
    pending_.clear();
}

}  // namespace parley
