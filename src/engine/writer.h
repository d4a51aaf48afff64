#pragma once

#include "engine/batch/batch.h"
#include "engine/batch/typing_clock.h"
#include "engine/replication/replication.h"
#include "engine/request_queue.h"
#include "engine/unit_of_work.h"
#include "engine/upkeep/upkeep.h"

#include <parley/core/clock.h>
#include <parley/core/warnings.h>
#include <parley/engine/engine.h>
#include <parley/engine/presence.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace parley {

/// The one writer: a loop that takes what has gathered in the queue, has it carried out as one
/// batch, and publishes it once it is durable. While one batch is synced to the disk the next one
/// gathers: the sync is the timer. The loop has a thread of its own, or is stepped by its owner
/// (EngineOptions::stepped).
class Writer {
public:
    /// What it works on. All of it outlives the writer.
    struct Surroundings {
        Database& db;
        HeadWitness& witness;
        Checkpoints& checkpoints;
        const Clock& clock;
        Random& random;
        OutcomeSink& sink;
        Warnings& warnings;
        PresenceBoard& presence;
    };
    /// SQLite's exceptions pass through: call inside Database::run.
    Writer(const EngineOptions& options, std::unique_ptr<EventLog> log,
           const Surroundings& surroundings);
    /// Stops as `stop` does.
    ~Writer();

    /// Ends the typing that the last run left open, then starts the thread, unless it is stepped.
    void start();
    /// Carries out what was submitted, then ends the thread. Idempotent.
    void stop();

    /// One turn of the loop on the caller's thread, which waits for nothing: carries out the first
    /// batch of what is queued, the timers that are due, and the upkeep that is due.
    /// REQUIRES: EngineOptions::stepped. One thread.
    void step() { turn(std::chrono::milliseconds(0)); }

    /// The requests for it. Any thread.
    RequestQueue& queue() { return queue_; }
    /// Whether what deletes by age may run (ClockWatch). Any thread.
    bool trustsClock() const { return clockWatch_.isTrusted(); }
    /// Any thread, as for the next one.
    void addTo(EngineCounters& counters) const;
    Position head() const { return {unit_.committedPosition()}; }
    std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

private:
    void run();
    bool decides() const;
    void beginToLead();
    bool turn(std::chrono::milliseconds atMost);
    std::chrono::milliseconds untilNextTimer() const;
    void carryOutUnits();
    BatchOutcome carryOutBatch();
    void dieIf(const std::optional<Error>& fatal);

    const EngineOptions options_;
    const Clock& clock_;
    OutcomeSink& sink_;
    RequestQueue queue_;

    // The log and the views, on the writer's connection.
    const std::unique_ptr<EventLog> log_;
    WriterReads reads_;
    ViewWriter views_;
    SessionStore sessionRows_;

    // What the writer watches.
    SpaceWatch space_;
    WriteLockWatch lock_;
    ClockWatch clockWatch_;

    // The unit of work, and what takes part in it.
    UnitMembers members_;
    LiveState live_;
    std::optional<Replication> replication_;  // nothing: a single node
    UnitOfWork unit_;
    StoredSessions storedSessions_;
    Sessions sessions_;
    JoinViews joinViews_;
    Appender appender_;
    CommandPastReader past_;
    Retention retention_;

    // What a turn calls.
    Authorizer authorizer_;
    Commands commands_;
    SystemEvents system_;
    Resume resume_;
    Applier applier_;
    Batch batch_;
    TypingClock typingClock_;
    SessionSweep sweep_;
    Upkeep upkeep_;

    std::vector<Request> requests_;  // of the batch in work
    bool isRunning_ = false;         // started, and not stopped
    bool hasLed_ = false;            // decides since the last turn
    std::atomic<std::uint64_t> turns_{0};
    std::thread thread_;
};

}  // namespace parley
