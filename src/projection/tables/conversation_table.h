#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/answer.h>
#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <optional>
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
    void forget();
    std::size_t gathered() const { return pending_.size(); }

private:
    // Counts are what is to be added; a time or seq of 0 changes nothing.
    struct Pending {
        ConversationFigures all;
        ConversationFigures customers;
        bool responded = false;  ///< the responses are no longer what the row says
    };
    // How many are kept from one transaction to the next. Most events change nothing of them, and
    // then need no statement.
    static constexpr std::size_t kResponsesKept = 16'384;

    Responses& responsesOf(ConversationKey conversation);
    void load(ConversationKey conversation, Responses& responses);
    void write(SQLite::Statement& update, ConversationKey conversation, const Pending& pending);

    std::unordered_map<ConversationKey, Pending> pending_;
    std::unordered_map<ConversationKey, Responses> responses_;
    SQLite::Statement start_;
    SQLite::Statement read_;
    SQLite::Statement count_;
    SQLite::Statement respond_;  ///< counts, and writes the responses
};

namespace conversation_sql {
// iif where max would do: SQLite compiles it inline, and calls no function six times a message.
inline constexpr const char* kCount =
    "UPDATE conversation SET message_count = message_count + ?2,"
    " last_message_seq = iif(?3 > last_message_seq, ?3, last_message_seq),"
    " last_message_at = iif(?4 > last_message_at, ?4, last_message_at),"
    " updated_at = iif(?5 > updated_at, ?5, updated_at),"
    " customer_message_count = customer_message_count + ?6,"
    " customer_last_message_seq ="
    " iif(?7 > customer_last_message_seq, ?7, customer_last_message_seq),"
    " customer_last_message_at = iif(?8 > customer_last_message_at, ?8, customer_last_message_at),"
    " customer_updated_at = iif(?9 > customer_updated_at, ?9, customer_updated_at)";
}  // namespace conversation_sql

inline ConversationTable::ConversationTable(SQLite::Database& db)
    : start_(db,
             "INSERT INTO conversation (conversation, created_by, created_at, updated_at,"
             " last_message_at, message_count, is_active, staff_count, customer_updated_at,"
             " customer_last_message_at) VALUES (?1, ?2, ?3, ?3, ?3, 0, 1, 0, ?3, ?3)"),
      read_(db,
            "SELECT asked_position, asked_at, answered_position, answered_at, answered_by,"
            " waiting_position, waiting_at FROM conversation WHERE conversation = ?1"),
      count_(db, std::string(conversation_sql::kCount) + " WHERE conversation = ?1"),
      respond_(db, std::string(conversation_sql::kCount) +
                       ", asked_position = ?10, asked_at = ?11, answered_position = ?12,"
                       " answered_at = ?13, answered_by = ?14, waiting_position = ?15,"
                       " waiting_at = ?16 WHERE conversation = ?1") {}

inline void ConversationTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    if (event.type == EventType::conversationStarted) {
        execute(start_, event.conversationKey.value, event.actorKey.value, event.at.value);
        responses_.try_emplace(event.conversationKey);
    } else if (isMessage(event.type) || isMembership(event.type)) {
        auto& pending = pending_[event.conversationKey];
        count(pending.all, pending.customers, event);
        if (!change.lastCustomerWent && !asks(event) && !answers(event)) return;
        auto& responses = responsesOf(event.conversationKey);
        if (noteMessage(responses, event)) pending.responded = true;
        if (change.lastCustomerWent && noteNoCustomer(responses)) pending.responded = true;
    }
}

inline Responses& ConversationTable::responsesOf(ConversationKey conversation) {
    const auto [kept, isNew] = responses_.try_emplace(conversation);
    if (isNew) load(conversation, kept->second);
    return kept->second;
}

inline void ConversationTable::load(ConversationKey conversation, Responses& responses) {
    const StatementReset guard(read_);
    read_.bind(1, conversation.value);
    if (!read_.executeStep()) return;
    const auto moment = [&](int column) {
        return read_.getColumn(column).isNull() ? std::optional<Moment>()
                                                : Moment{{read_.getColumn(column).getInt64()},
                                                         {read_.getColumn(column + 1).getInt64()}};
    };
    responses = {moment(0), moment(2), {read_.getColumn(4).getInt64()}, moment(5)};  // NULL: 0
}

inline void ConversationTable::flush() {
    for (const auto& [conversation, pending] : pending_) {
        write(pending.responded ? respond_ : count_, conversation, pending);
    }
    pending_.clear();
    if (responses_.size() > kResponsesKept) responses_.clear();
}

// What was kept may be of a transaction that was rolled back.
inline void ConversationTable::forget() {
    pending_.clear();
    responses_.clear();
}

inline void ConversationTable::write(SQLite::Statement& update, ConversationKey conversation,
                                     const Pending& pending) {
    const StatementReset guard(update);
    const auto& [all, customers, responded] = pending;
    bindNumbers(update, conversation.value, all.messageCount, all.lastMessageSeq.value,
                all.lastMessageAt.value, all.updatedAt.value, customers.messageCount,
                customers.lastMessageSeq.value, customers.lastMessageAt.value,
                customers.updatedAt.value);
    if (responded) {
        const Responses& responses = responses_.at(conversation);
        const auto bind = [&](int index, const std::optional<Moment>& moment) {
            if (moment) {
                update.bind(index, moment->position.value);
                update.bind(index + 1, moment->at.value);
            } else {
                update.bind(index);
                update.bind(index + 1);
            }
        };
        bind(10, responses.asked);
        bind(12, responses.answered);
        responses.answered ? update.bind(14, responses.answeredBy.value) : update.bind(14);
        bind(15, responses.waiting);
    }
    update.exec();
}

}  // namespace parley
