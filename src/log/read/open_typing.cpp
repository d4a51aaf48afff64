#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/read/open_typing.h>
#include <parley/log/statement_reset.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace parley {
namespace {

// The positions of the events that began it, the last one first.
std::vector<Position> openPositions(Database& db, std::chrono::milliseconds window) {
    SQLite::Statement row(db.sqlite(),
                          "SELECT position, at, type, conversation, actor FROM event"
                          " ORDER BY position DESC");
    std::vector<Position> positions;
    std::set<std::pair<std::int64_t, std::int64_t>> seen;  // conversation and user
    std::optional<std::int64_t> end;
    while (row.executeStep()) {
        const auto at = row.getColumn(1).getInt64();
        if (at < end.value_or(at) - window.count()) break;
        if (!end) end = at;
        const auto type = static_cast<EventType>(row.getColumn(2).getInt());
        if (!isTyping(type)) continue;
        const std::pair typist(row.getColumn(3).getInt64(), row.getColumn(4).getInt64());
        if (!seen.insert(typist).second || type != EventType::typingStarted) continue;
        positions.push_back({row.getColumn(0).getInt64()});
    }
    return positions;
}

}  // namespace

Result<std::vector<Event>> openTyping(Database& db, std::chrono::milliseconds window) {
    return db.query([&]() -> Result<std::vector<Event>> {
        auto positions = openPositions(db, window);
        std::reverse(positions.begin(), positions.end());
        std::vector<Event> open;
        SQLite::Statement event(db.sqlite(), event_row::kSelect + "WHERE e.position = ?");
        for (const auto position : positions) {
            const StatementReset guard(event);
            event.bind(1, position.value);
            if (!event.executeStep()) continue;
            PARLEY_TRY_ASSIGN(auto begun, event_row::currentEvent(event));
            open.push_back(std::move(begun));
        }
        return open;
    });
}

}  // namespace parley
