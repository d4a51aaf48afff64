#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <unordered_map>

namespace parley {

/// Table `conversation`: one row for each that was started, with its figures. Counts and times are
/// gathered, and written once for each conversation.
class ConversationTable {
public:
    static constexpr std::array kTables{ViewTable{"conversation", "conversation", 4096}};
    static constexpr int kVersion = 0;

    explicit ConversationTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush();
    void forget() { pending_.clear(); }
    std::size_t gathered() const { return pending_.size(); }

private:
    // Counts are what is to be added; a time or seq of 0 changes nothing.
    struct Pending {
        ConversationFigures all;
        ConversationFigures customers;
    };

    std::unordered_map<ConversationKey, Pending> pending_;
    SQLite::Statement start_;
    SQLite::Statement update_;
};

inline ConversationTable::ConversationTable(SQLite::Database& db)
    : start_(db,
             "INSERT INTO conversation (conversation, created_by, created_at, updated_at,"
             " last_message_at, message_count, is_active, staff_count, customer_updated_at,"
             " customer_last_message_at) VALUES (?1, ?2, ?3, ?3, ?3, 0, 1, 0, ?3, ?3)"),
      update_(db,
              "UPDATE conversation SET message_count = message_count + ?2,"
              " last_message_seq = max(last_message_seq, ?3),"
              " last_message_at = max(last_message_at, ?4), updated_at = max(updated_at, ?5),"
              " customer_message_count = customer_message_count + ?6,"
              " customer_last_message_seq = max(customer_last_message_seq, ?7),"
              " customer_last_message_at = max(customer_last_message_at, ?8),"
              " customer_updated_at = max(customer_updated_at, ?9)"
              " WHERE conversation = ?1") {}

inline void ConversationTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (event.type == EventType::conversationStarted) {
        execute(start_, event.conversationKey.value, event.actorKey.value, event.at.value);
    } else if (isMessage(event.type) || isMembership(event.type)) {
        auto& pending = pending_[event.conversationKey];
        count(pending.all, pending.customers, event);
    }
}

inline void ConversationTable::flush() {
    for (const auto& [conversation, pending] : pending_) {
        const auto& [all, customers] = pending;
        execute(update_, conversation.value, all.messageCount, all.lastMessageSeq.value,
                all.lastMessageAt.value, all.updatedAt.value, customers.messageCount,
                customers.lastMessageSeq.value, customers.lastMessageAt.value,
                customers.updatedAt.value);
    }
    pending_.clear();
}

}  // namespace parley
