#pragma once

#include "engine/batch/join_views.h"
#include "engine/sessions/sessions.h"
#include "engine/state/live_state.h"
#include "engine/unit_of_work.h"

#include <parley/core/histogram.h>
#include <parley/core/uuid.h>
#include <parley/domain/event_type.h>
#include <parley/engine/engine.h>
#include <parley/projection/update.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace parley {

/// The station *append and project* of a batch: puts decided events into the log, and carries what
/// they change into the views and into what the writer keeps in memory. Writer's thread only;
/// everything is part of the unit of work, and an error fails it.
class Appender final : public UnitMember {
public:
    /// All of it outlives this.
    struct Parts {
        Database& db;
        EventLog& log;
        ViewWriter& views;
        UnitOfWork& unit;
        LiveState& live;
        Sessions& sessions;
        JoinViews& joinViews;
    };
    /// `random` is used by the writer's thread alone.
    Appender(UnitMembers& members, const Parts& parts, const Clock& clock, Random& random);

    /// Gives events that were decided here their seq, time and id. Events from elsewhere have them.
    void number(const ConversationState& state, std::vector<Event>& events);

    /// Appends events of one conversation to the log, and folds them into `state` and the views.
    /// `by`: the connection whose request caused them; 0: none. Returns what changed.
    /// REQUIRES: the events are numbered.
    Result<std::vector<ProjectionUpdate>> append(ConversationState& state,
                                                 std::vector<Event> events, ConnectionId by);

    /// The same for events that another node has decided and stored: with their positions, hashes
    /// and all. What they mean to connections is in that node's rows. REQUIRES:
    /// `EventLog::restore`'s.
    Result<std::vector<ProjectionUpdate>> restore(ConversationState& state,
                                                  std::span<const StoredEvent> stored);

    void committed() override;
    void rolledBack() override {
        appended_ = 0;
        byType_ = {};
    }
    /// Events appended since the start. Any thread.
    std::uint64_t appended() const { return appendedInAll_.load(std::memory_order_relaxed); }
    /// The same by type, and by transaction. Any thread.
    void addTo(EngineCounters& counters) const;

private:
    Result<Event> restoreEvent(const StoredEvent& stored);
    Result<void> addToViews(const std::vector<Event>& events);
    Result<std::vector<ProjectionUpdate>> fold(ConversationState& state, std::vector<Event> events,
                                               ConnectionId by);
    Result<void> noteEffects(const ConversationState& state, const std::vector<Event>& events,
                             ConnectionId by);
    ConnectionId typedElsewhere(const ConversationState& state, const std::vector<Event>& events,
                                ConnectionId by) const;

    const Parts parts_;
    const Clock& clock_;
    UuidGenerator uuids_;
    // In this unit:
    std::uint64_t appended_ = 0;
    std::array<std::uint32_t, kEventTypeCount> byType_{};
    // Since the start:
    std::atomic<std::uint64_t> appendedInAll_{0};
    std::array<std::atomic<std::uint64_t>, kEventTypeCount> byTypeInAll_{};
    Histogram perUnit_{kAmounts};
};

}  // namespace parley
