#include "log/event_row.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/statement_reset.h>

#include <optional>
#include <thread>

namespace parley {

template <typename Id>
KnownIds<Id>::KnownIds(SQLite::Database& db, const std::string& table)
    : id_(db, "SELECT id FROM " + table + " WHERE key = ?") {}

template <typename Id>
const Id* KnownIds<Id>::of(std::int64_t key) {
    if (const auto found = known_.find(key); found != known_.end()) return &found->second;
    const StatementReset guard(id_);
    bindNumbers(id_, key);
    if (!id_.executeStep()) return nullptr;
    if (known_.size() >= kKept) known_.clear();
    return &known_.emplace(key, Id::fromStored(id_.getColumn(0).getString())).first->second;
}

LogWalk::LogWalk(Database& db)
    : db_(db),
      after_(db.sqlite(), event_row::kSelectWithoutIds +
                              "WHERE e.position > ?"
                              " ORDER BY e.position LIMIT ?"),
      head_(db.sqlite(), "SELECT coalesce(max(position), 0) FROM event"),
      conversations_(db.sqlite(), "conversation_key"),
      users_(db.sqlite(), "user_key") {}

Result<std::unique_ptr<LogWalk>> LogWalk::open(Database& db) {
    return db.query([&] { return std::make_unique<LogWalk>(db); });
}

Result<std::vector<StoredEvent>> LogWalk::read(Position after, int limit) {
    std::vector<StoredEvent> events;
    PARLEY_TRY(chunk(after, limit, SIZE_MAX, events));
    return events;
}

Result<std::vector<StoredEvent>> LogWalk::nextChunk(Position after) {
    std::vector<StoredEvent> events;
    PARLEY_TRY(nextChunk(after, events));
    return events;
}

Result<void> LogWalk::nextChunk(Position after, std::vector<StoredEvent>& events) {
    return chunk(after, limits::kWalkEvents, limits::kWalkBytes, events);
}

Result<void> LogWalk::chunk(Position after, int limit, std::size_t bytesMax,
                            std::vector<StoredEvent>& events) {
    return db_.query([&]() -> Result<void> {
        std::size_t count = 0;
        std::size_t payloadBytes = 0;
        const StatementReset guard(after_);
        bindNumbers(after_, after.value, limit);
        std::optional<event_row::StoredColumns> row;
        while (payloadBytes < bytesMax && after_.executeStep()) {
            if (!row) row.emplace(event_row::storedColumns(after_));
            if (events.size() == count) events.emplace_back();
            auto& stored = events[count];
            PARLEY_TRY(event_row::readStored(*row, stored));
            if (!readIds(stored.event)) continue;  // as a join has it: such an event is missing
            ++count;
            payloadBytes += stored.event.data.size() + contentBytes(stored.event);
        }
        events.resize(count);
        return {};
    });
}

bool LogWalk::readIds(Event& event) {
    const auto* const conversation = conversations_.of(event.conversationKey.value);
    const auto* const actor = users_.of(event.actorKey.value);
    if (!conversation || !actor) return false;
    event.conversation = *conversation;
    event.actor = *actor;
    return true;
}

Result<Position> LogWalk::head() {
    return db_.query([&] { return Position{numberFrom(head_).value_or(0)}; });
}

void pauseBetweenReads() {
    std::this_thread::sleep_for(limits::kBetweenReads);
}

}  // namespace parley
