#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/message_lookup.h>
#include <parley/log/sql_lists.h>

namespace parley {

MessageLookup::MessageLookup(Database& db)
    : db_(db),
      at_(db.sqlite(), event_row::kSelect +
                           "WHERE e.position = ? AND e.content IS NOT NULL"
                           " AND e.type IN " +
                           sqlTypes(EventKind::message)) {}

Result<std::optional<Event>> MessageLookup::at(Position position, const Viewer& viewer) {
    return db_.query([&]() -> Result<std::optional<Event>> {
        const StatementReset guard(at_);
        bindNumbers(at_, position.value);
        if (!at_.executeStep() || !event_row::isShown(at_, viewer)) return std::optional<Event>();
        PARLEY_TRY_ASSIGN(auto message, event_row::currentEvent(at_));
        return std::optional(std::move(message));
    });
}

}  // namespace parley
