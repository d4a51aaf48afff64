#include "log/event_row.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/statement_reset.h>

#include <thread>
#include <utility>

namespace parley {

LogWalk::LogWalk(Database& db)
    : db_(db),
      after_(db.sqlite(), event_row::kSelect + "WHERE e.position > ? ORDER BY e.position LIMIT ?"),
      head_(db.sqlite(), "SELECT coalesce(max(position), 0) FROM event") {}

Result<std::unique_ptr<LogWalk>> LogWalk::open(Database& db) {
    return db.query([&] { return std::make_unique<LogWalk>(db); });
}

Result<std::vector<StoredEvent>> LogWalk::read(Position after, int limit) {
    return chunk(after, limit, SIZE_MAX);
}

Result<std::vector<StoredEvent>> LogWalk::nextChunk(Position after) {
    return chunk(after, limits::kWalkEvents, limits::kWalkBytes);
}

Result<std::vector<StoredEvent>> LogWalk::chunk(Position after, int limit, std::size_t bytesMax) {
    return db_.query([&]() -> Result<std::vector<StoredEvent>> {
        std::vector<StoredEvent> events;
        std::size_t payloadBytes = 0;
        const StatementReset guard(after_);
        bindNumbers(after_, after.value, limit);
        while (payloadBytes < bytesMax && after_.executeStep()) {
            PARLEY_TRY_ASSIGN(auto stored, event_row::storedEvent(after_));
            events.push_back(std::move(stored));
            const auto& event = events.back().event;
            payloadBytes += event.data.size() + contentBytes(event);
        }
        return events;
    });
}

Result<Position> LogWalk::head() {
    return db_.query([&] { return Position{numberFrom(head_).value_or(0)}; });
}

void pauseBetweenReads() {
    std::this_thread::sleep_for(limits::kBetweenReads);
}

}  // namespace parley
