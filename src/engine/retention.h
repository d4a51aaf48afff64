#pragma once

#include <parley/core/clock.h>
#include <parley/domain/event.h>
#include <parley/log/typing_retention.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace parley {

/// When the typing events that are older than `retention.typing` are emptied, a chunk at a time, in
/// the writer's transactions, and the event that says so. The writer's thread only.
class Retention {
public:
    /// `keep` 0: for ever, and nothing here ever does anything.
    Retention(std::chrono::milliseconds keep, Database& db, const Clock& clock);

    /// When the next chunk is due, on the monotonic clock; nothing: never.
    std::optional<std::chrono::milliseconds> nextDue() const;

    /// Empties up to `eventsMax` events, inside the writer's open transaction, and returns the
    /// retention_applied event that says so, to be appended in the same one; nothing where no
    /// event was emptied. `committed` or `rolledBack` must follow.
    Result<std::optional<Event>> emptyChunk(int eventsMax);
    void committed();
    void rolledBack();

    /// Events emptied since the start.
    std::uint64_t emptied() const { return emptied_; }

private:
    const std::chrono::milliseconds keep_;
    const Clock& clock_;
    TypingRetention log_;
    std::chrono::milliseconds due_{0};
    std::uint64_t emptied_ = 0;
    TypingRetention::Chunk chunk_;  // of the open transaction
};

}  // namespace parley
