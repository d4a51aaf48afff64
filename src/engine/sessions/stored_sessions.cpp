#include "engine/sessions/stored_sessions.h"

#include <parley/core/try.h>

#include <utility>

namespace parley {

StoredSessions::StoredSessions(UnitMembers& members, SessionStore& rows, HeldSessions& held,
                               std::size_t sessionsMax)
    : UnitMember(members), rows_(rows), held_(held), sessionsMax_(sessionsMax) {
    recount();
}

void StoredSessions::recount() {
    if (auto stored = rows_.count()) stored_.store(*stored);
}

std::size_t StoredSessions::count() const {
    return static_cast<std::size_t>(stored_.load(std::memory_order_relaxed) + added_);
}

std::size_t StoredSessions::excess() const {
    return count() > sessionsMax_ ? count() - sessionsMax_ : 0;
}

Result<SessionRow> StoredSessions::add(const PidHash& pid, const Principal* owner) {
    if (count() >= sessionsMax_) {
        PARLEY_TRY(writeDrops());
        PARLEY_TRY_ASSIGN(const int gone, evict(1));
        if (gone == 0) {
            notStored_.fetch_add(1, std::memory_order_relaxed);
            return SessionRow{};
        }
    }
    auto row = rows_.insert(pid, owner);
    if (row) ++added_;
    return row;
}

Result<void> StoredSessions::remove(SessionRow row) {
    held_.removed(row);
    PARLEY_TRY(rows_.remove(row));
    --added_;
    return {};
}

// A row may say that its session dropped although it was resumed since: resuming writes nothing,
// this puts it right.
Result<int> StoredSessions::removeDroppedBefore(UnixMillis before, int limit) {
    for (int removed = 0; removed < limit;) {
        PARLEY_TRY_ASSIGN(const auto rows, rows_.droppedBefore(before, limit - removed));
        if (rows.empty()) return removed;
        for (const auto row : rows) {
            if (held_.holds(row)) {
                PARLEY_TRY(rows_.setDropped(row, kConnected));
            } else {
                PARLEY_TRY(remove(row));
                ++removed;
            }
        }
    }
    return limit;
}

Result<int> StoredSessions::evict(int limit) {
    auto gone = removeDroppedBefore(kConnected, limit);
    if (gone) evicted_ += *gone;
    return gone;
}

Result<void> StoredSessions::writeDrops() {
    for (const auto& [row, at] : held_.drops()) {
        if (held_.holds(row)) continue;  // it is back
        PARLEY_TRY(rows_.setDropped(row, at));
    }
    held_.dropsWritten();
    return {};
}

void StoredSessions::committed() {
    stored_.fetch_add(std::exchange(added_, 0), std::memory_order_relaxed);
    evictedInAll_.fetch_add(std::exchange(evicted_, 0), std::memory_order_relaxed);
}

void StoredSessions::rolledBack() {
    added_ = evicted_ = 0;
}

void StoredSessions::addTo(EngineCounters& counters) const {
    counters.sessionsStored = static_cast<std::uint64_t>(stored_.load(std::memory_order_relaxed));
    counters.sessionsEvicted =
        static_cast<std::uint64_t>(evictedInAll_.load(std::memory_order_relaxed));
    counters.sessionsNotStored = notStored_.load(std::memory_order_relaxed);
}

}  // namespace parley
