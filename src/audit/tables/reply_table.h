#pragma once

#include "audit/tables/audit_change.h"

#include <parley/domain/answer.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace parley::audit {

/// Tables `reply`, one row for each wait of a conversation: from a customer's message to the answer
/// (domain/answer.h), or until no customer is in it any more; and `answer`, one row for each
/// answer, also those that nobody waited for.
class ReplyTable {
public:
    static constexpr std::array kTables{"reply", "answer"};
    static constexpr int kVersion = 2;

    explicit ReplyTable(SQLite::Database& db);
    void apply(const AuditChange& change);
    void flush();
    void forget() { waiting_.clear(); }

private:
    /// What ends a wait. The numbers are stored.
    enum class End : std::uint8_t { answer = 1, left = 2 };

    using Wait = std::optional<Moment>;  // since when

    Wait& waitOf(ConversationKey conversation);
    void begin(Wait& wait, const FoldableEvent& event);
    void end(Wait& wait, const FoldableEvent& event, End by);
    void noteAnswer(const Wait& wait, const AuditChange& change);

    // Since when customers wait, of the conversations of this chunk; others are in the table.
    std::unordered_map<ConversationKey, Wait> waiting_;
    SQLite::Statement open_;
    SQLite::Statement begin_;
    SQLite::Statement end_;
    SQLite::Statement answer_;
};

inline ReplyTable::ReplyTable(SQLite::Database& db)
    : open_(db,
            "SELECT from_position, from_at FROM reply WHERE conversation = ?1 AND to_position IS "
            "NULL"),
      begin_(db,
             "INSERT INTO reply (from_position, conversation, customer, from_at)"
             " VALUES (?1, ?2, ?3, ?4)"),
      end_(db,
           "UPDATE reply SET to_position = ?2, to_at = ?3, ended_by = ?4, answered_by = ?5"
           " WHERE from_position = ?1"),
      answer_(db,
              "INSERT INTO answer (position, conversation, user, role, waited_ms)"
              " VALUES (?1, ?2, ?3, ?4, ?5)") {}

inline ReplyTable::Wait& ReplyTable::waitOf(ConversationKey conversation) {
    const auto [found, isNew] = waiting_.try_emplace(conversation);
    if (!isNew) return found->second;
    const StatementReset guard(open_);
    open_.bind(1, conversation.value);
    if (open_.executeStep()) {
        found->second = {{open_.getColumn(0).getInt64()}, {open_.getColumn(1).getInt64()}};
    }
    return found->second;
}

inline void ReplyTable::apply(const AuditChange& change) {
    const auto& event = change.event;
    if (!isMessage(event.type) && !change.stays.lastCustomerLeft) return;
    auto& wait = waitOf(event.conversationKey);
    if (asks(event)) {
        if (!wait) begin(wait, event);
    } else if (answers(event)) {
        noteAnswer(wait, change);
        if (wait) end(wait, event, End::answer);
    } else if (wait && change.stays.lastCustomerLeft) {
        end(wait, event, End::left);
    }
}

inline void ReplyTable::noteAnswer(const Wait& wait, const AuditChange& change) {
    const auto& event = change.event;
    const StatementReset guard(answer_);
    bindNumbers(answer_, event.position.value, event.conversationKey.value, event.actorKey.value,
                static_cast<int>(change.role.value_or(UserRole::agent)));
    wait ? answer_.bind(5, event.at.value - wait->at.value) : answer_.bind(5);
    answer_.exec();
}

inline void ReplyTable::begin(Wait& wait, const FoldableEvent& event) {
    execute(begin_, event.position.value, event.conversationKey.value, event.actorKey.value,
            event.at.value);
    wait = momentOf(event);
}

inline void ReplyTable::end(Wait& wait, const FoldableEvent& event, End by) {
    const StatementReset guard(end_);
    bindNumbers(end_, wait->position.value, event.position.value, event.at.value,
                static_cast<int>(by));
    by == End::answer ? end_.bind(5, event.actorKey.value) : end_.bind(5);
    end_.exec();
    wait.reset();
}

inline void ReplyTable::flush() {
    waiting_.clear();
}

}  // namespace parley::audit
