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

/// Table `reply`: one row for each wait of a conversation: from a customer's message to the answer
/// (domain/answer.h), or until no customer is in it any more.
class ReplyTable {
public:
    static constexpr std::array kTables{"reply"};
    static constexpr int kVersion = 1;

    explicit ReplyTable(SQLite::Database& db);
    void apply(const AuditChange& change);
    void flush();
    void forget() { waiting_.clear(); }

private:
    /// What ends a wait. The numbers are stored.
    enum class End : std::uint8_t { answer = 1, left = 2 };

    std::optional<Position>& waitOf(ConversationKey conversation);
    void begin(std::optional<Position>& wait, const FoldableEvent& event);
    void end(std::optional<Position>& wait, const FoldableEvent& event, End by);

    // Since when customers wait, of the conversations of this chunk; others are in the table.
    std::unordered_map<ConversationKey, std::optional<Position>> waiting_;
    SQLite::Statement open_;
    SQLite::Statement begin_;
    SQLite::Statement end_;
};

inline ReplyTable::ReplyTable(SQLite::Database& db)
    : open_(db, "SELECT from_position FROM reply WHERE conversation = ?1 AND to_position IS NULL"),
      begin_(db,
             "INSERT INTO reply (from_position, conversation, customer, from_at)"
             " VALUES (?1, ?2, ?3, ?4)"),
      end_(db,
           "UPDATE reply SET to_position = ?2, to_at = ?3, ended_by = ?4, answered_by = ?5"
           " WHERE from_position = ?1") {}

inline std::optional<Position>& ReplyTable::waitOf(ConversationKey conversation) {
    const auto [found, isNew] = waiting_.try_emplace(conversation);
    if (isNew) {
        if (const auto from = numberFrom(open_, conversation.value)) found->second = {*from};
    }
    return found->second;
}

inline void ReplyTable::apply(const AuditChange& change) {
    const auto& event = change.event;
    if (!isMessage(event.type) && !change.stays.lastCustomerLeft) return;
    auto& wait = waitOf(event.conversationKey);
    if (asks(event)) {
        if (!wait) begin(wait, event);
    } else if (wait && answers(event)) {
        end(wait, event, End::answer);
    } else if (wait && change.stays.lastCustomerLeft) {
        end(wait, event, End::left);
    }
}

inline void ReplyTable::begin(std::optional<Position>& wait, const FoldableEvent& event) {
    execute(begin_, event.position.value, event.conversationKey.value, event.actorKey.value,
            event.at.value);
    wait = event.position;
}

inline void ReplyTable::end(std::optional<Position>& wait, const FoldableEvent& event, End by) {
    const StatementReset guard(end_);
    bindNumbers(end_, wait->value, event.position.value, event.at.value, static_cast<int>(by));
    by == End::answer ? end_.bind(5, event.actorKey.value) : end_.bind(5);
    end_.exec();
    wait.reset();
}

inline void ReplyTable::flush() {
    waiting_.clear();
}

}  // namespace parley::audit
