#pragma once

#include "engine/unit_of_work.h"

#include <parley/core/clock.h>
#include <parley/domain/event.h>
#include <parley/log/typing_retention.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace parley {

/// When the typing events that are older than `retention.typing` are emptied, a chunk at a time, in
/// units of work of their own, and the event that says so. Writer's thread only.
class Retention final : public UnitMember {
public:
    /// `keep` 0: for ever, and nothing here ever does anything. The references outlive it.
    Retention(UnitMembers& members, std::chrono::milliseconds keep, Database& db,
              const Clock& clock);

    /// When the next chunk is due, on the monotonic clock; nothing: never.
    std::optional<std::chrono::milliseconds> nextDue() const;

    /// Empties up to `eventsMax` events, and returns the retention_applied event that says so, to
    /// be appended in the same unit of work; nothing where no event was emptied. REQUIRES: the
    /// unit's transaction is open.
    Result<std::optional<Event>> emptyChunk(int eventsMax);

    /// Empties what another node has emptied, from the event that tells of it. Refuses with
    /// `storage_damaged` where that is not what is here. REQUIRES: the unit's transaction is open.
    Result<void> repeat(const Event& applied);

    void committed() override;
    void rolledBack() override;

    /// Events emptied since the start. Any thread.
    std::uint64_t emptied() const { return emptied_.load(std::memory_order_relaxed); }

private:
    const std::chrono::milliseconds keep_;
    const Clock& clock_;
    TypingRetention log_;
    std::chrono::milliseconds due_{0};
    std::optional<TypingRetention::Chunk> chunk_;  // of this unit
    std::atomic<std::uint64_t> emptied_{0};
};

}  // namespace parley
