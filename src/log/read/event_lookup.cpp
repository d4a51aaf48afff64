#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/event_lookup.h>

#include <utility>

namespace parley {
namespace {

Result<std::optional<Event>> firstRow(SQLite::Statement& statement) {
    if (!statement.executeStep()) return std::optional<Event>();
    PARLEY_TRY_ASSIGN(auto event, event_row::currentEvent(statement));
    return std::optional(std::move(event));
}

}  // namespace

EventLookup::EventLookup(Database& db)
    : db_(db),
      byId_(db.sqlite(), event_row::kSelect + "WHERE e.id = ? AND e.conversation = ?"),
      at_(db.sqlite(), event_row::kSelect + "WHERE e.position = ?"),
      byClientMessageId_(
          db.sqlite(), event_row::kSelect +
                           "WHERE e.conversation = ? AND e.actor = ? AND e.client_message_id = ?"),
      hash_(db.sqlite(), "SELECT hash FROM event WHERE position = ?") {}

Result<std::optional<Event>> EventLookup::byId(ConversationKey conversation, const Uuid& id) {
    return db_.query([&] {
        const StatementReset guard(byId_);
        byId_.bindNoCopy(1, id.bytes().data(), static_cast<int>(id.bytes().size()));
        byId_.bind(2, conversation.value);
        return firstRow(byId_);
    });
}

Result<std::optional<Event>> EventLookup::at(Position position) {
    return db_.query([&] {
        const StatementReset guard(at_);
        bindNumbers(at_, position.value);
        return firstRow(at_);
    });
}

Result<std::optional<Event>> EventLookup::byClientMessageId(ConversationKey conversation,
                                                            UserKey author,
                                                            const ClientMessageId& id) {
    return db_.query([&] {
        const StatementReset guard(byClientMessageId_);
        bindNumbers(byClientMessageId_, conversation.value, author.value);
        byClientMessageId_.bindNoCopy(3, id.str());
        return firstRow(byClientMessageId_);
    });
}

Result<bool> EventLookup::has(Position position, const Fingerprint& fingerprint) {
    return db_.query([&] {
        const StatementReset guard(hash_);
        hash_.bind(1, position.value);
        if (!hash_.executeStep()) return false;
        const auto hash = event_row::digestColumn(hash_, 0);
        return hash && fingerprintOf(*hash) == fingerprint;
    });
}

}  // namespace parley
