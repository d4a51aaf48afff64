#pragma once

#include "engine/sessions/held_sessions.h"
#include "engine/sessions/session_store.h"

#include <parley/engine/engine.h>

#include <atomic>
#include <cstdint>

namespace parley {

/// How many sessions have a row, and which of them go first: within `sessions.max`, those that
/// dropped first. Writer's thread only, where nothing else is said. What changes rows needs an open
/// transaction.
class StoredSessions final : public UnitMember {
public:
    /// The references outlive it.
    StoredSessions(UnitMembers& members, SessionStore& rows, HeldSessions& held,
                   std::size_t sessionsMax);

    std::size_t count() const;
    /// Counts the rows again: another node of the cluster has changed them.
    void recount();
    /// How many there are beyond the limit, as after a restart with a smaller one.
    std::size_t excess() const;

    /// Adds a row for a session that has a connection. Where there are as many as there may be, the
    /// one that dropped first goes. 0: all of them have a connection, and there is no room.
    Result<SessionRow> add(const PidHash& pid, const Principal* owner);
    Result<void> remove(SessionRow row);
    /// Removes up to `limit` sessions that dropped before `before`, the first to drop first;
    /// returns how many. Call `writeDrops` first.
    Result<int> removeDroppedBefore(UnixMillis before, int limit);
    /// Likewise, whenever they dropped, because there are too many.
    Result<int> evict(int limit);
    /// Lets the rows say which sessions dropped, and when.
    Result<void> writeDrops();

    void committed() override;
    void rolledBack() override;
    /// Any thread.
    void addTo(EngineCounters& counters) const;

private:
    SessionStore& rows_;
    HeldSessions& held_;
    const std::size_t sessionsMax_;
    std::int64_t added_ = 0;    // in this unit, less those removed
    std::int64_t evicted_ = 0;  // likewise
    std::atomic<std::int64_t> stored_{0};
    std::atomic<std::int64_t> evictedInAll_{0};
    std::atomic<std::uint64_t> notStored_{0};
};

}  // namespace parley
