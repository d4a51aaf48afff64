#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/chain_check.h>
#include <parley/log/execute.h>
#include <parley/log/read/log_pages.h>

#include <algorithm>
#include <string>
#include <utility>

namespace parley {
namespace {

// Only columns that stand before the payload: a row of any size is looked at in its first page.
std::string selectRows(bool forward, bool ofConversation) {
    const std::string by = ofConversation ? "seq" : "position";
    return std::string("SELECT position, type, actor FROM event WHERE ") +
           (ofConversation ? "conversation = ? AND " : "") + by + (forward ? " > ?" : " < ?") +
           " ORDER BY " + by + (forward ? "" : " DESC");
}

bool matches(const LogFilter& filter, std::int64_t type, std::int64_t actor) {
    if (filter.actor && filter.actor->value != actor) return false;
    const auto is = [&](EventType one) { return static_cast<std::int64_t>(one) == type; };
    return filter.types.empty() || std::ranges::any_of(filter.types, is);
}

Digest hashOf(const StoredEvent& stored, const Digest& previous) {
    HashChain chain;
    const Event& event = stored.event;
    const auto commitment =
        stored.commitment
            ? *stored.commitment
            : chain.commitment(event.data, stored.salt ? bytesOf(*stored.salt) : std::string_view(),
                               event.content ? std::string_view(*event.content) : "");
    return chain.hash(previous, event, stored.key, commitment);
}

}  // namespace

LogPages::LogPages(Database& db, ConversationSeqs& seqs)
    : db_(db), seqs_(seqs), at_(db.sqlite(), event_row::kSelect + "WHERE e.position = ?") {}

Result<std::optional<StoredEvent>> LogPages::eventAt(Position position) {
    const StatementReset guard(at_);
    bindNumbers(at_, position.value);
    if (!at_.executeStep()) return std::optional<StoredEvent>();
    PARLEY_TRY_ASSIGN(auto stored, event_row::storedEvent(at_));
    return std::optional(std::move(stored));
}

std::optional<Position> LogPages::positionOf(ConversationKey conversation, std::int64_t seq) {
    SQLite::Statement one(db_.sqlite(),
                          "SELECT position FROM event WHERE conversation = ? AND seq = ?");
    const auto found = numberFrom(one, conversation.value, seq);
    return found ? std::optional(Position{*found}) : std::nullopt;
}

Result<SQLite::Statement> LogPages::rowsOf(const LogPageQuestion& question) {
    const auto& conversation = question.filter.conversation;
    SQLite::Statement rows(db_.sqlite(), selectRows(question.forward, conversation.has_value()));
    if (!conversation) {
        bindNumbers(rows, question.bound.value);
        return rows;
    }
    // After a position, the seq is that of the last event up to it; before one, the next seq.
    const Position end{question.forward ? question.bound.value + 1 : question.bound.value};
    PARLEY_TRY_ASSIGN(const Seq last, seqs_.lastBefore(*conversation, end));
    bindNumbers(rows, conversation->value, question.forward ? last.value : last.value + 1);
    return rows;
}

LogPages::Found LogPages::find(SQLite::Statement& rows, const LogPageQuestion& question) {
    Found found;
    Position looked;
    for (int count = 0; rows.executeStep(); ++count) {
        const bool full = found.positions.size() == static_cast<std::size_t>(question.limit);
        if (full || count == kLookedAtMax) {
            found.next = looked;
            break;
        }
        looked = {rows.getColumn(0).getInt64()};
        if (matches(question.filter, rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64())) {
            found.positions.push_back(looked);
        }
    }
    return found;
}

Result<std::optional<Position>> LogPages::read(const LogPageQuestion& question, const Take& take) {
    return db_.query([&]() -> Result<std::optional<Position>> {
        PARLEY_TRY_ASSIGN(auto rows, rowsOf(question));
        const Found found = find(rows, question);
        std::optional<Position> last;
        for (const Position position : found.positions) {
            PARLEY_TRY_ASSIGN(const auto stored, eventAt(position));
            if (!stored) continue;
            if (!take(*stored)) return last;
            last = position;
        }
        return found.next;
    });
}

Result<std::optional<CheckedEvent>> LogPages::at(Position position) {
    return db_.query([&]() -> Result<std::optional<CheckedEvent>> {
        PARLEY_TRY_ASSIGN(auto stored, eventAt(position));
        if (!stored) return std::optional<CheckedEvent>();
        PARLEY_TRY_ASSIGN(const auto before, eventAt({position.value - 1}));
        CheckedEvent checked;
        if (before) checked.previousHash = before->hash;
        checked.recomputed = hashOf(*stored, checked.previousHash);
        ChainCheck check({position.value - 1}, checked.previousHash,
                         before ? before->event.at : UnixMillis{0});
        checked.problem = check.problemOf(*stored);
        const Event& event = stored->event;
        checked.previous = positionOf(event.conversationKey, event.seq.value - 1);
        checked.next = positionOf(event.conversationKey, event.seq.value + 1);
        checked.stored = std::move(*stored);
        return std::optional(std::move(checked));
    });
}

Result<Position> LogPages::head() {
    return db_.query([&] {
        SQLite::Statement head(db_.sqlite(), "SELECT coalesce(max(position), 0) FROM event");
        return Position{numberFrom(head).value_or(0)};
    });
}

}  // namespace parley
