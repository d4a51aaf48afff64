#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/conversation_state.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <map>
#include <utility>

namespace parley {

/// Table `hidden_by_author`: what each author wrote in a conversation that customers may not see.
class HiddenTable {
public:
    static constexpr std::array kTables{ViewTable{"hidden_by_author", "conversation", 4096}};
    static constexpr int kVersion = 0;

    explicit HiddenTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush();
    void forget() { pending_.clear(); }
    std::size_t gathered() const { return pending_.size(); }

private:
    using Author = std::pair<ConversationKey, UserKey>;

    std::map<Author, HiddenMessages> pending_;  // the count is what is to be added
    SQLite::Statement hide_;
};

inline HiddenTable::HiddenTable(SQLite::Database& db)
    : hide_(db,
            "INSERT INTO hidden_by_author (conversation, user, message_count, last_seq, last_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (conversation, user) DO UPDATE SET"
            " message_count = message_count + excluded.message_count,"
            " last_seq = max(last_seq, excluded.last_seq),"
            " last_at = max(last_at, excluded.last_at)") {}

inline void HiddenTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (!isMessage(event.type) || visibleToEveryCustomer(event)) return;
    auto& own = pending_[{event.conversationKey, event.actorKey}];
    ++own.count;
    own.lastSeq = event.seq;
    own.lastAt = event.at;
}

inline void HiddenTable::flush() {
    for (const auto& [author, own] : pending_) {
        execute(hide_, author.first.value, author.second.value, own.count, own.lastSeq.value,
                own.lastAt.value);
    }
    pending_.clear();
}

}  // namespace parley
