#pragma once

#include <parley/core/clock.h>
#include <parley/core/histogram.h>
#include <parley/core/numbers.h>
#include <parley/core/result.h>
#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/key_lookup.h>
#include <parley/log/read/log_times.h>
#include <parley/log/read/message_reader.h>
#include <parley/log/read/missed_events.h>
#include <parley/projection/conversation_list.h>
#include <parley/projection/past_reader.h>
#include <parley/projection/past_state.h>
#include <parley/projection/relation_reader.h>
#include <parley/projection/view_reader.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace parley {

/// Whose reads take turns with one another: a connection, or whatever else its layer counts as one
/// client. 0: none in particular, which counts as one. The pool only compares it.
struct ReadOwner {
    std::uint64_t value = 0;

    static ReadOwner of(ConnectionId connection) { return {connection.value}; }
    auto operator<=>(const ReadOwner&) const = default;
};

}  // namespace parley

template <>
struct std::hash<parley::ReadOwner> {
    std::size_t operator()(parley::ReadOwner owner) const {
        return std::hash<std::uint64_t>{}(owner.value);
    }
};

namespace parley {

/// What a read job works with: one read-only connection and its prepared statements. What a client
/// is shown of the log comes only through methods that take a Viewer. A job has it to itself while
/// it runs, and must not keep references into it. A transaction that a job leaves open is rolled
/// back.
struct ReadContext {
    /// SQLite's exceptions pass through: construct inside `guarded`. REQUIRES: the schema is this
    /// program's.
    explicit ReadContext(std::unique_ptr<Database> opened)
        : db(std::move(opened)),
          seqs(*db),
          events_(*db),
          keys(*db),
          messages(*db, seqs),
          missed(*db),
          views(*db, seqs, events_),
          past(*db, events_),
          times(*db),
          pastStates(*db, seqs, events_),
          relations(*db),
          lists(*db, views) {}
    std::unique_ptr<Database> db;
    ConversationSeqs seqs;

private:
    PastEvents events_;  // before the readers that ask it

public:
    KeyLookup keys;
    MessageReader messages;
    MissedEvents missed;
    ViewReader views;
    PastReader past;
    LogTimes times;
    PastStateReader pastStates;
    RelationReader relations;
    ConversationList lists;

    /// The job is a small one and has looked at more than those may: its statements end with
    /// `read_timeout`. It then returns without an answer, and is begun anew among the large ones.
    bool outgrown() const { return outgrown_; }

private:
    friend class ReaderPool;
    bool outgrown_ = false;
};

/// Which queue a read waits in, and what it may cost. Large reads have a queue and a thread of
/// their own, so that nothing else waits for them.
enum class ReadSize : std::uint8_t {
    small,  ///< expected to look at kSmallReadRowsMax rows at most; begun anew as large otherwise
    slice,  ///< waits with the small ones; bounded by its caller, so it is never begun anew
    large,  ///< expected to look at more
};
inline constexpr std::size_t kReadSizeCount = 3;
/// Rows of history, about: the work is measured in SQLite's steps.
inline constexpr int kSmallReadRowsMax = 10'000;

/// A few threads with a read-only connection each, and one more for large reads: history, lists and
/// audits, in short transactions. Owners take turns, so that one with hundreds of reads makes only
/// itself wait. Readers never block the writer. A job that has run longer than the time limit is
/// cut off: the statement it is in, and every one after it, ends with `read_timeout`, because the
/// WAL can only grow while a read holds its snapshot.
class ReaderPool {
public:
    /// A piece of reading, on a thread of the pool. It hands its answer on by itself; what it
    /// captures lives until it has run or was dropped.
    using Job = std::function<void(ReadContext&)>;
    /// Is told, on the job's thread, that the job has thrown (`internal`), so that a request that
    /// waits for it can be refused. Must not throw.
    using Failed = std::function<void(const Error&)>;

    /// `threads` for small reads (1 or more), and one for large ones. `queuedMax` bounds the jobs
    /// that wait, small and large together. `timeLimit`: of one job, by Clock::monotonic. `clock`
    /// outlives the pool. Refuses as Database::openReader does. REQUIRES: the database is migrated.
    static Result<std::unique_ptr<ReaderPool>> open(const std::filesystem::path& database,
                                                    int threads, std::size_t queuedMax,
                                                    std::chrono::milliseconds timeLimit,
                                                    const Clock& clock);
    /// Stops as `stop` does.
    ~ReaderPool();

    /// Drops the queued jobs, finishes those in work and joins. Idempotent. The owner's thread,
    /// never one of the pool's.
    void stop();

    /// Runs `job` on one of the threads, once the earlier jobs of `owner` have begun. What it
    /// throws ends this job alone and is logged. False: `queuedMax` jobs wait, or the pool is
    /// stopped. The caller bounds how many of them are one owner's. A small job may be begun twice
    /// (ReadContext::outgrown). Takes a lock and wakes a thread. Any thread.
    bool submit(Job job, ReadOwner owner, Failed failed = {}, ReadSize size = ReadSize::small);
    /// Drops the jobs of `owner` that have not begun: it has gone, and nothing would take the
    /// answers. Any thread.
    void forget(ReadOwner owner);

    // Any thread.
    /// Jobs that wait now.
    std::size_t queued() const;
    /// Those of them that are large.
    std::size_t largeQueued() const;
    /// How many large jobs have begun so far, outgrown ones included.
    std::uint64_t largeBegun() const { return largeBegun_.load(std::memory_order_relaxed); }
    /// How many jobs have begun so far.
    std::uint64_t begun() const { return begun_.load(std::memory_order_relaxed); }
    /// How many jobs were turned away so far.
    std::uint64_t turnedAway() const;
    /// Jobs that were cut off.
    std::uint64_t cut() const { return cut_.load(std::memory_order_relaxed); }
    /// How long the jobs of one size took, without the wait for their turn.
    HistogramValues durations(ReadSize size) const {
        return durations_[static_cast<std::size_t>(size)].values();
    }
    /// Jobs that threw.
    std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

private:
    struct Read {
        ReadOwner owner;
        Job job;
        Failed failed;
        ReadSize size = ReadSize::small;
    };
    /// The jobs that wait for the same threads.
    struct Lane {
        std::condition_variable wake;
        std::unordered_map<ReadOwner, std::deque<Read>> reads;  // none of them empty
        std::deque<ReadOwner> turns;  // each in `reads`, the next one first
        std::size_t queued = 0;

        void add(Read read);
        Read takeNext();
        std::deque<Read> remove(ReadOwner owner);
    };
    ReaderPool(std::size_t queuedMax, std::chrono::milliseconds timeLimit, const Clock& clock)
        : queuedMax_(queuedMax), timeLimit_(timeLimit), clock_(clock) {}
    void run(ReadContext& context, Lane& lane);
    void note(ReadOwner owner, bool outgrown);
    Lane& laneOf(ReadSize size) { return size == ReadSize::large ? large_ : small_; }
    bool carryOut(const Read& read, ReadContext& context);
    void fail(const Read& read, const char* why);

    mutable std::mutex mutex_;
    Lane small_;
    Lane large_;
    std::size_t queuedMax_;  // in both
    // Their last read was larger than expected: their next ones wait among the large at once.
    std::unordered_set<ReadOwner> heavy_;
    std::atomic<std::uint64_t> begun_{0};
    std::atomic<std::uint64_t> largeBegun_{0};
    std::uint64_t turnedAway_ = 0;
    const std::chrono::milliseconds timeLimit_;
    const Clock& clock_;
    std::atomic<std::uint64_t> cut_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::array<Histogram, kReadSizeCount> durations_;
    bool stopping_ = false;
    std::vector<std::unique_ptr<ReadContext>> contexts_;
    std::vector<std::thread> threads_;
};

}  // namespace parley
