#pragma once

#include "engine/batch/system_events.h"
#include "engine/sessions/sweep.h"
#include "engine/upkeep/clock_watch.h"
#include "engine/upkeep/retention.h"
#include "engine/upkeep/space_watch.h"
#include "engine/upkeep/write_lock_watch.h"

#include <parley/core/clock.h>
#include <parley/log/head_witness.h>

#include <chrono>

namespace parley {

/// What the writer does beside its requests: it watches the clock, the disk's room, the write lock
/// and the note of the log's head, and at quiet moments it empties old events and deletes old
/// sessions. Writer's thread only. After each call the caller looks at UnitOfWork::fatal.
class Upkeep {
public:
    /// All of it outlives this.
    struct Parts {
        Database& db;
        UnitOfWork& unit;
        SystemEvents& system;
        HeadWitness& witness;
        SpaceWatch& space;
        WriteLockWatch& lock;
        ClockWatch& clockWatch;
        Retention& retention;
        SessionSweep& sweep;
    };
    Upkeep(const Parts& parts, const Clock& clock) : parts_(parts), clock_(clock) {}

    /// When there is something to do next, on the monotonic clock.
    std::chrono::milliseconds nextDue() const;
    /// Looks at what is due to be looked at. REQUIRES: the unit of work is empty.
    void look();
    /// Deletes by age what is due, in units of work of their own. `quiet`: no request waits; under
    /// load each waits its time for a quiet moment, then comes all the same.
    /// REQUIRES: the unit of work is empty.
    void work(bool quiet);
    /// Before the writer stops: the next start is to know in which order sessions dropped.
    void finish() { parts_.sweep.carryOut(); }

private:
    std::chrono::milliseconds deletesFrom() const;
    void lookAtClockAndNote();
    void lookAtSpace();
    void lookAtLock();
    void retain(bool quiet);
    Result<void> retentionChunk(int eventsMax);

    const Parts parts_;
    const Clock& clock_;
    std::chrono::milliseconds nextLook_{0};
};

}  // namespace parley
