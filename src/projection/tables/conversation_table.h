#pragma once

#include "projection/tables/response_change.h"
#include "projection/tables/view_change.h"

#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <unordered_map>

namespace parley {

/// Table `conversation`: one row for each that was started, with its figures, and what became of
/// its customers' questions. All of it is gathered, and written once for each conversation.
class ConversationTable {
public:
    static constexpr std::array kTables{ViewTable{"conversation", "conversation", 4096}};
    static constexpr int kVersion = 1;

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
        ResponseChange responses;
    };
    void write(ConversationKey conversation, const ResponseChange& change);

    std::unordered_map<ConversationKey, Pending> pending_;
    SQLite::Statement start_;
    SQLite::Statement update_;
    SQLite::Statement respond_;
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
              " WHERE conversation = ?1"),
      // Every expression sees the row as it was.
      respond_(db,
               "UPDATE conversation SET"
               " asked_position = coalesce(asked_position, ?2), asked_at = coalesce(asked_at, ?3),"
               " answered_position = coalesce(answered_position,"
               " iif(asked_position IS NULL, ?7, ?4)),"
               " answered_at = coalesce(answered_at, iif(asked_position IS NULL, ?8, ?5)),"
               " answered_by = coalesce(answered_by, iif(asked_position IS NULL, ?9, ?6)),"
               " waiting_position = iif(?10, ?11, coalesce(waiting_position, ?11)),"
               " waiting_at = iif(?10, ?12, coalesce(waiting_at, ?12))"
               " WHERE conversation = ?1") {}

inline void ConversationTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (event.type == EventType::conversationStarted) {
        execute(start_, event.conversationKey.value, event.actorKey.value, event.at.value);
    } else if (isMessage(event.type) || isMembership(event.type)) {
        auto& pending = pending_[event.conversationKey];
        count(pending.all, pending.customers, event);
        pending.responses.noteMessage(event);
        if (change.lastCustomerWent) pending.responses.noteNoCustomer();
    }
}

inline void ConversationTable::flush() {
    for (const auto& [conversation, pending] : pending_) {
        const auto& [all, customers, responses] = pending;
        execute(update_, conversation.value, all.messageCount, all.lastMessageSeq.value,
                all.lastMessageAt.value, all.updatedAt.value, customers.messageCount,
                customers.lastMessageSeq.value, customers.lastMessageAt.value,
                customers.updatedAt.value);
        if (!responses.isEmpty()) write(conversation, responses);
    }
    pending_.clear();
}

inline void ConversationTable::write(ConversationKey conversation, const ResponseChange& change) {
    const StatementReset guard(respond_);
    const auto bindMoment = [&](int index, const std::optional<Moment>& moment) {
        if (moment) {
            respond_.bind(index, moment->position.value);
            respond_.bind(index + 1, moment->at.value);
        } else {
            respond_.bind(index);
            respond_.bind(index + 1);
        }
    };
    const auto bindAnswer = [&](int index, const std::optional<ResponseChange::Answer>& answer) {
        bindMoment(index, answer ? std::optional(answer->moment) : std::nullopt);
        answer ? respond_.bind(index + 2, answer->by.value) : respond_.bind(index + 2);
    };
    respond_.bind(1, conversation.value);
    bindMoment(2, change.asked());
    bindAnswer(4, change.answer());
    bindAnswer(7, change.answerAfterAsked());
    respond_.bind(10, change.ended() ? 1 : 0);
    bindMoment(11, change.waiting());
    respond_.exec();
}

}  // namespace parley
