#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/selected_events.h>

#include <algorithm>
#include <utility>

namespace parley {
namespace {

std::vector<Position> positionsIn(SQLite::Statement& statement, std::int64_t key, Position after,
                                  Position through) {
    const StatementReset guard(statement);
    bindNumbers(statement, key, after.value, through.value);
    std::vector<Position> found;
    while (statement.executeStep()) found.push_back({statement.getColumn(0).getInt64()});
    return found;
}

}  // namespace

SelectedEvents::SelectedEvents(Database& db)
    : db_(db),
      conversation_(db.sqlite(),
                    "SELECT position FROM event WHERE conversation = ?1"
                    " AND +position > ?2 AND +position <= ?3 ORDER BY seq"),
      user_(db.sqlite(),
            "SELECT position FROM event WHERE actor = ?1 AND position > ?2 AND position <= ?3"
            " ORDER BY position"),
      at_(db.sqlite(), event_row::kSelect + "WHERE e.position = ?") {}

Result<std::vector<Position>> SelectedEvents::of(ConversationKey conversation, Position after,
                                                 Position through) {
    return db_.query(
        [&] { return positionsIn(conversation_, conversation.value, after, through); });
}

Result<std::vector<Position>> SelectedEvents::by(UserKey user, Position after, Position through) {
    const Position last{std::min(through.value, after.value + kScanned)};
    return db_.query([&] { return positionsIn(user_, user.value, after, last); });
}

Result<std::vector<StoredEvent>> SelectedEvents::at(std::span<const Position> positions) {
    return db_.query([&]() -> Result<std::vector<StoredEvent>> {
        std::vector<StoredEvent> events;
        for (const Position position : positions) {
            const StatementReset guard(at_);
            bindNumbers(at_, position.value);
            if (!at_.executeStep()) continue;
            PARLEY_TRY_ASSIGN(auto stored, event_row::storedEvent(at_));
            events.push_back(std::move(stored));
        }
        return events;
    });
}

}  // namespace parley
