#pragma once

#include <parley/core/clock.h>
#include <parley/core/histogram.h>
#include <parley/core/random.h>
#include <parley/core/result.h>
#include <parley/core/warnings.h>
#include <parley/domain/event_type.h>
#include <parley/engine/backup_schedule.h>
#include <parley/engine/options.h>
#include <parley/engine/presence.h>
#include <parley/engine/reader_pool.h>
#include <parley/engine/request.h>
#include <parley/engine/storage_watch.h>
#include <parley/log/verify.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace parley {

/// Counters for metrics: copies of the WAL into the database since the start.
struct CheckpointCounters {
    std::uint64_t byWriter = 0;
    std::uint64_t inBackground = 0;
    std::int64_t pagesLeft = 0;   ///< in the WAL and not yet in the database
    HistogramValues durations{};  ///< of each copy, on either thread
};

/// Counters for metrics, since the start of the process where nothing else is said. A value.
struct EngineCounters {
    std::uint64_t eventsAppended = 0;
    std::uint64_t batchesCommitted = 0;     ///< that wrote something
    std::uint64_t batchesFailed = 0;        ///< rolled back
    std::uint64_t requestsRefused = 0;      ///< by the domain
    std::uint64_t requestsBusy = 0;         ///< turned away because the queue was full
    std::uint64_t queueRequests = 0;        ///< waiting now
    std::uint64_t readsQueued = 0;          ///< waiting now
    std::uint64_t queueBytes = 0;           ///< text waiting for the writer now
    std::uint64_t readsBegun = 0;           ///< one that is begun anew counts again
    std::uint64_t largeReads = 0;           ///< of those, large ones
    std::uint64_t largeReadsQueued = 0;     ///< waiting now
    std::uint64_t readsBusy = 0;            ///< turned away because the readers' queue was full
    std::uint64_t conversationsLoaded = 0;  ///< states in memory now
    std::uint64_t sqliteBytes = 0;          ///< held by SQLite in this process, mostly page caches
    std::uint64_t connectionsJoined = 0;    ///< that the writer knows as members of rooms
    std::uint64_t typing = 0;               ///< users typing now
    std::uint64_t sessionsStored = 0;       ///< rows, of living connections and of gone ones
    std::uint64_t sessionsEvicted = 0;      ///< removed because there were too many
    std::uint64_t sessionsNotStored = 0;    ///< there were too many, and all had a connection
    std::uint64_t sessionsResumed = 0;      ///< with all that they missed
    std::uint64_t sessionsNotResumed = 0;   ///< unknown, expired, or too far behind
    std::int64_t headPosition = 0;          ///< of the last committed event; 0: the log is empty
    bool clockImplausible = false;          ///< the wall clock cannot be right, or was set just now
    bool storageFull = false;               ///< a batch found no room, and there is none yet
    std::uint64_t writeLockBusy = 0;    ///< transactions given up: another process held the lock
    std::int64_t storageFreeBytes = 0;  ///< on the data folder's file system, some seconds old
    std::uint64_t readsCut = 0;         ///< took longer than the time limit
    std::uint64_t readsFailed = 0;      ///< threw
    std::uint64_t typingEmptied = 0;    ///< typing events emptied by retention since the start
    std::array<std::uint64_t, kEventTypeCount> eventsByType{};    ///< as kEventTypes
    HistogramValues batchEvents{};                                ///< events of each transaction
    HistogramValues commitDurations{};                            ///< their syncs included
    std::array<HistogramValues, kReadSizeCount> readDurations{};  ///< by ReadSize
    StorageCounters storage;
    CheckpointCounters checkpoints;
    BackupCounters backups;
};

/// Takes requests, whose outcomes come out of an OutcomeSink.
class RequestTaker {
public:
    virtual ~RequestTaker() = default;
    /// Is told of a request that was not taken, and why: the errors of `submit`.
    using NotTaken = std::function<void(const Request&, const Error&)>;
    /// As Engine's.
    virtual Result<void> submit(Request request) = 0;
    virtual void submit(std::vector<Request>& requests, const NotTaken& notTaken) = 0;
};

/// The one writer and the reader pool over a data folder. Requests go in from any thread; their
/// outcomes come out of the sink, batch by batch, after each commit. `open`, `stop` and the
/// destructor are for one thread, its owner's; the rest says its own.
class Engine final : public RequestTaker {
public:
    /// Owns the data folder, verifies what can be verified in a moment (verifyAtStart), migrates,
    /// rebuilds projections of an older code version, and starts the threads. Refuses, saying
    /// what is wrong and what to do: `storage_owned`, `storage_damaged` (nothing was changed),
    /// `storage_full`, `storage_failed`, `busy` (another process holds the write lock),
    /// `clock_behind` (the clock is behind the log). The references outlive the engine; `random`
    /// is used by the writer's thread alone. A refused start has released the folder again.
    static Result<std::unique_ptr<Engine>> open(EngineOptions options, const Clock& clock,
                                                Random& random, OutcomeSink& sink);
    /// Stops as `stop` does.
    ~Engine() override;

    /// Hands a request to the writer. Refuses at once with `busy` when the queue is full, with
    /// `shutting_down` after `stop`, and with `storage_failed` while a lost storage ends the
    /// process. Otherwise its Outcome reaches the sink, unless the process has to end first
    /// (EngineOptions::onFatal): then nobody knows what the log holds of it. ConnectionClosed and
    /// OpenSession are never refused as `busy`. Requests of one thread are carried out in their
    /// order. Never waits for the disk: takes a lock, and wakes the writer where it slept. Any
    /// thread.
    Result<void> submit(Request request) override;

    /// The same for several requests at once, in their order: the writer is woken once and finds
    /// them all. Empties `requests`, then calls `notTaken` for each that is refused, before it
    /// returns, on this thread and without a lock; what that puts into `requests` is there
    /// afterwards. Any thread.
    void submit(std::vector<Request>& requests, const NotTaken& notTaken) override;

    /// Runs `job` on a reader's thread; owners take turns. `failed` is told when it throws.
    /// False: too many are waiting (EngineOptions::readsQueuedMax), or `stop` was called. Any
    /// thread.
    bool read(ReaderPool::Job job, ReadOwner owner = {}, ReaderPool::Failed failed = {},
              ReadSize size = ReadSize::small);
    /// Drops the reads of `owner` that have not begun: neither job nor `failed` is called for them.
    /// One that runs goes on. Any thread.
    void forgetReads(ReadOwner owner);

    /// One turn of the writer on the caller's thread, which waits for nothing: carries out what was
    /// submitted (one batch of it), the timers that are due by the clock, and the upkeep that is.
    /// The sink is called on this thread. REQUIRES: EngineOptions::stepped. One thread at a time.
    void step();

    /// Refuses what comes from now on, lets what was submitted finish, publishes it, then stops the
    /// threads; reads that have not begun are dropped. The sink is called until it returns.
    /// Idempotent. Never from the sink or a read.
    void stop();

    /// The log's last committed position; 0: it is empty. One look at a number. Any thread.
    Position head() const;
    /// How often the writer's loop has come round: at least once a second and once a batch, unless
    /// it hangs, in the disk or in the sink. One look at a number. Any thread.
    std::uint64_t writerTurns() const;
    /// Any thread. Each is exact, but they are not of one moment. Takes the readers' lock for a
    /// moment.
    EngineCounters counters() const;

    /// What was checked before anything was written. Any thread.
    const StartChecks& startChecks() const;
    /// Conditions that an operator should look at; every owner of a reference may raise one. Any
    /// thread.
    Warnings& warnings();
    /// Who is there. Any thread.
    PresenceBoard& presence();

private:
    struct Parts;
    explicit Engine(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace parley
