#pragma once

#include "engine/batch/appender.h"
#include "engine/state/live_state.h"
#include "engine/unit_of_work.h"
#include "engine/upkeep/retention.h"

#include <parley/core/result.h>
#include <parley/engine/request.h>
#include <parley/log/event_log.h>

#include <vector>

namespace parley {

/// A follower's side of a cluster: puts what another node decided into this log, after checking
/// that it continues it. Writer's thread only; everything is part of the unit of work, and an error
/// fails it.
class Applier {
public:
    /// The references outlive it.
    Applier(EventLog& log, UnitOfWork& unit, LiveState& live, Appender& appender,
            Retention& retention)
        : log_(log), unit_(unit), live_(live), appender_(appender), retention_(retention) {}

    /// Returns what changed. Refuses as ApplyUnit says. Events of the unit that this log has
    /// already are refused, too: the caller knows how far it has come.
    Result<std::vector<ProjectionUpdate>> apply(const ReplicatedUnit& unit);

private:
    Result<void> check(const ReplicatedUnit& unit) const;
    Result<void> giveKeys(const Event& event);
    Result<void> applyEvent(const StoredEvent& stored, std::vector<ProjectionUpdate>& updates);

    EventLog& log_;
    UnitOfWork& unit_;
    LiveState& live_;
    Appender& appender_;
    Retention& retention_;
};

}  // namespace parley
