#pragma once

#include "engine/sessions/sessions.h"
#include "engine/upkeep/clock_watch.h"

#include <parley/core/limits.h>

#include <chrono>

namespace parley {

/// Deletes the sessions whose time is over, or that are too many, a few at a time, each time in a
/// unit of work of its own. Writer's thread only.
class SessionSweep {
public:
    /// The references outlive it.
    SessionSweep(const EngineOptions& options, const Clock& clock, const ClockWatch& clockWatch,
                 UnitOfWork& unit, LiveState& live, SessionStore& rows, StoredSessions& stored);

    /// When to sweep, on the monotonic clock, if the writer has nothing else to do.
    std::chrono::milliseconds nextDue() const { return due_; }
    /// Whether it is to sweep now. `quiet`: the writer has nothing else to do.
    bool isDue(std::chrono::milliseconds now, bool quiet) const {
        return now >= (quiet ? due_ : due_ + every_);
    }
    /// Failing is logged, and tried again later. The caller looks at UnitOfWork::fatal after it.
    /// REQUIRES: the unit of work is empty.
    void carryOut();

private:
    Result<bool> sweep();

    const EngineOptions& options_;
    const Clock& clock_;
    const ClockWatch& clockWatch_;
    UnitOfWork& unit_;
    LiveState& live_;
    SessionStore& rows_;
    StoredSessions& stored_;
    const std::chrono::milliseconds every_;
    std::chrono::milliseconds due_{0};
    int atOnce_ = limits::kSessionsSweptMax;  // fewer where nodes cannot agree on so many
};

}  // namespace parley
