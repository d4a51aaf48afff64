#include "engine/writer.h"

#include "engine/fatal.h"
#include "engine/weight.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/process_usage.h>
#include <parley/domain/decide.h>
#include <parley/log/data_folder.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace parley {
namespace {

constexpr std::chrono::milliseconds kLookAroundEvery{1000};

bool isClosed(const Request& request) {
    return std::holds_alternative<ConnectionClosed>(request.work);
}

bool isOpened(const Request& request) {
    return std::holds_alternative<OpenSession>(request.work);
}

std::string limitText() {
    const auto limit = fileSizeLimit();
    return limit ? std::to_string(*limit) : "none";
}

// Whether somebody waits for the reply.
bool isAnswered(const Request& request) {
    const auto* command = std::get_if<Command>(&request.work);
    return !isClosed(request) && !isOpened(request) &&
           !(command && std::holds_alternative<EndTyping>(*command));
}

}  // namespace

Writer::Writer(const EngineOptions& options, Database& db, std::unique_ptr<EventLog> log,
               HeadWitness& witness, Checkpoints& checkpoints, const Clock& clock, Random& random,
               OutcomeSink& sink, Warnings& warnings)
    : options_(options),
      db_(db),
      log_(std::move(log)),
      witness_(witness),
      checkpoints_(checkpoints),
      clock_(clock),
      sink_(sink),
      uuids_(random),
      events_(db),
      seqs_(db),
      unseen_(db, seqs_),
      states_(db),
      overlay_(db),
      views_(db.sqlite()),
      conversations_(states_, options.conversationsLoadedMax),
      sessionStore_(db),
      typing_(options.typingTimeout),
      space_(options.dataFolder, options.warnFreeBytes),
      writeLock_(DataFolder::databaseIn(options.dataFolder), warnings),
      clockWatch_(clock, log_->head().at, warnings),
      retention_(options.typingRetention, db, clock),
      head_(log_->head().position.value) {
    db_.leaveCheckpointsToCaller();
    uuids_.continueAfter(log_->head().id);
    if (auto stored = sessionStore_.count()) sessionsStored_.store(*stored);
    noteCrashedSessions();
}

Writer::~Writer() {
    stop();
}

void Writer::start() {
    endTypingOfLastRun();
    thread_ = std::thread([this] { run(); });
}

Result<void> Writer::submit(Request request) {
    bool wasEmpty = false;
    {
        std::lock_guard lock(mutex_);
        wasEmpty = queue_.empty();
        if (auto taken = enqueue(request); !taken) return taken;
    }
    if (wasEmpty) wake_.notify_one();
    return {};
}

void Writer::submit(std::vector<Request>& requests, const Engine::NotTaken& notTaken) {
    // `notTaken` may put new ones into `requests`.
    std::vector<Request> handed = std::move(requests);
    requests.clear();
    std::vector<std::pair<const Request*, Error>> refused;
    bool wake = false;
    {
        std::lock_guard lock(mutex_);
        const bool wasEmpty = queue_.empty();
        for (auto& request : handed) {
            if (auto taken = enqueue(request); !taken) {
                refused.emplace_back(&request, taken.error());
            }
        }
        wake = wasEmpty && !queue_.empty();
    }
    if (wake) wake_.notify_one();
    for (const auto& [request, error] : refused) notTaken(*request, error);
    handed.clear();
    if (requests.empty()) requests.swap(handed);  // its memory is used again
}

// With the lock held. Moves from `request` only where it is taken.
Result<void> Writer::enqueue(Request& request) {
    if (stopping_) return Error{ErrorCode::shutting_down, "the server is stopping"};
    if (dead_) return Error{ErrorCode::storage_failed, "the storage has failed"};
    const std::size_t bytes = weightOf(request);
    const bool full =
        queue_.size() >= options_.queueRequestsMax || queueBytes_ + bytes > options_.queueBytesMax;
    // A closed connection must be noticed whatever the load: it only frees things. A new session is
    // one small entry, and bounded by the connections there may be.
    if (full && !isClosed(request) && !isOpened(request)) {
        busy_.fetch_add(1, std::memory_order_relaxed);
        return Error{ErrorCode::busy, "the server has " + std::to_string(queue_.size()) +
                                          " requests waiting; try again"};
    }
    queueBytes_ += bytes;
    queue_.push_back(std::move(request));
    queued_.store(queue_.size(), std::memory_order_relaxed);
    queuedBytes_.store(queueBytes_, std::memory_order_relaxed);
    return {};
}

void Writer::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Writer::storageLost(const Error& error) {
    {
        std::lock_guard lock(mutex_);
        lost_ = error;
    }
    wake_.notify_one();
}

void Writer::run() {
    while (!dead_ && takeQueued()) {
        lookAround();
        watchSpace();
        watchLock();
        if (dead_) return;
        addDueTyping();
        const bool quiet = batch_.empty();
        if (!quiet) {
            if (auto done = processBatch()) sink_.publish(std::move(*done));
        }
        retain(quiet);
        sweepIfDue();
    }
    if (!dead_) trySweep();  // the next start knows in which order sessions dropped
}

std::chrono::milliseconds Writer::nextTimer() {
    const auto upkeep = upkeepFrom();
    auto first = std::min({std::max(sweepAt_, upkeep), space_.nextLook(), lookAroundAt_});
    if (writeLock_.isHeld()) first = std::min(first, writeLock_.nextLook());
    if (const auto typing = typing_.nextDeadline()) first = std::min(first, *typing);
    if (const auto slice = retention_.nextDue()) first = std::min(first, std::max(*slice, upkeep));
    return first;
}

// Before then neither retention nor the sweep of sessions runs.
std::chrono::milliseconds Writer::upkeepFrom() const {
    const auto trusted = clockWatch_.trustedFrom();
    return writeLock_.isHeld() ? std::max(writeLock_.nextLook(), trusted) : trusted;
}

// Waits for requests or for a timer; false once stopped and nothing is left, or dead.
bool Writer::takeQueued() {
    batch_.clear();
    const auto wait = std::max(nextTimer() - clock_.monotonic(), std::chrono::milliseconds(0));
    briefWait_.until([this] { return queued_.load(std::memory_order_relaxed) > 0; });
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, wait, [this] { return stopping_ || lost_ || !queue_.empty(); });
    if (lost_) {
        lock.unlock();
        die(*lost_);
        return false;
    }
    if (queue_.empty()) return !stopping_;
    if (queue_.size() <= limits::kBatchCommandsMax) {
        batch_.swap(queue_);
        queueBytes_ = 0;
    } else {
        const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits::kBatchCommandsMax);
        std::move(queue_.begin(), end, std::back_inserter(batch_));
        queue_.erase(queue_.begin(), end);
        for (const auto& request : batch_) queueBytes_ -= weightOf(request);
    }
    queued_.store(queue_.size(), std::memory_order_relaxed);
    queuedBytes_.store(queueBytes_, std::memory_order_relaxed);
    return true;
}

void Writer::lookAround() {
    const auto now = clock_.monotonic();
    if (now < lookAroundAt_) return;
    lookAroundAt_ = now + kLookAroundEvery;
    witness_.lookAfter({log_->head().position, log_->head().hash});
    clockWatch_.look(log_->head().at);
}

// A full disk that has room again is noticed here, without anybody asking for anything.
void Writer::watchSpace() {
    const auto now = clock_.monotonic();
    if (now < space_.nextLook()) return;
    space_.look(now);
    storageFree_.store(space_.freeBytes(), std::memory_order_relaxed);
    if (!space_.full() || !space_.worthTrying()) return;
    if (auto tried = log_->tryCommit(); tried) {
        space_.foundRoom();
        storageFull_.store(false, std::memory_order_relaxed);
        logger().info("storage_room_again free_bytes={}", space_.freeBytes());
    } else if (db_.mustStop()) {
        die(tried.error());
    }
}

// That another process has let go of its lock is noticed here, without anybody asking for anything.
void Writer::watchLock() {
    const auto now = clock_.monotonic();
    if (!writeLock_.isHeld() || now < writeLock_.nextLook()) return;
    if (db_.isWritable()) {
        writeLock_.foundFree();
    } else {
        writeLock_.foundHeld(now);
    }
}

// The disk may hold less, or more, than SQLite said: nobody is told anything any more.
void Writer::die(const Error& error) {
    {
        std::lock_guard lock(mutex_);
        dead_ = true;
    }
    logger().critical("storage_lost message=\"{}\"", error.message);
    endProcess(options_,
               error.message +
                   ". What was acknowledged before is safe; what was under way may or may "
                   "not have been stored. Check the disk, then start again");
}

void Writer::addDueTyping() {
    for (auto& due : typing_.due(clock_.monotonic())) {
        Origin origin;
        origin.connection = due.connection;  // who typed is not told that they stopped
        batch_.emplace_back(origin,
                            Command(EndTyping{due.conversation, due.user, cause::kTimeout}));
    }
}

// Nothing where the process must end.
std::optional<BatchOutcome> Writer::processBatch() {
    storageError_.reset();
    inTransaction_ = false;
    appendedInBatch_ = 0;
    sessionsAddedInBatch_ = 0;
    missedBytesInBatch_ = 0;
    BatchOutcome batch;
    batch.outcomes.reserve(batch_.size());
    for (auto& request : batch_) {
        batch.outcomes.push_back(process(request));
        batch.outcomes.back().answered = isAnswered(request);
        if (storageError_) break;
    }
    if (!storageError_ && inTransaction_) commitBatch();
    if (storageError_ && db_.mustStop()) {
        die(*storageError_);
        return std::nullopt;
    }
    if (storageError_) {
        viewsForJoins_.clear();
        failBatch(batch);
    } else {
        completeViews();
        connections_.committed();
        sessions_.committed();
        conversations_.committed();
        typing_.committed();
    }
    loaded_.store(conversations_.size(), std::memory_order_relaxed);
    joined_.store(connections_.size(), std::memory_order_relaxed);
    typingNow_.store(typing_.size(), std::memory_order_relaxed);
    head_.store(log_->head().position.value, std::memory_order_relaxed);
    return batch;
}

void Writer::commitBatch() {
    auto done = db_.run([this] { views_.flush(); });
    if (done) done = commit();
    if (!done) {
        storageBroke(done.error());
        return;
    }
    log_->committed();
    witness_.note({log_->head().position, log_->head().hash});
    space_.foundRoom();
    storageFull_.store(false, std::memory_order_relaxed);
    eventsAppended_.fetch_add(appendedInBatch_, std::memory_order_relaxed);
    batchesCommitted_.fetch_add(1, std::memory_order_relaxed);
    sessionsStored_.fetch_add(std::exchange(sessionsAddedInBatch_, 0), std::memory_order_relaxed);
}

// Every transaction of the writer's ends here. A checkpoint behind the commit fails only where the
// process must not go on: nobody is told of the batch, although it is in the log.
Result<void> Writer::commit() {
    if (auto done = db_.commit(); !done) return done;
    return checkpoints_.afterCommit(db_);
}

// Nothing of the batch happened: every request of it is told so, and what was kept in memory is
// brought back to the last commit.
void Writer::failBatch(BatchOutcome& batch) {
    db_.rollback();
    views_.forget();
    log_->rolledBack();
    connections_.rolledBack();
    sessions_.rolledBack();
    conversations_.rolledBack();
    typing_.rolledBack(clock_.monotonic());
    sessionsAddedInBatch_ = 0;
    batchesFailed_.fetch_add(1, std::memory_order_relaxed);
    if (storageError_->code == ErrorCode::storage_full) {
        if (!space_.full()) {
            logger().error("storage_full head={} file_size_limit={}", log_->head().position.value,
                           limitText());
        }
        space_.foundNoRoom(clock_.monotonic());
        storageFull_.store(true, std::memory_order_relaxed);
    }
    batch.outcomes.clear();
    for (const auto& request : batch_) {
        Outcome outcome;
        outcome.origin = request.origin;
        outcome.reply = *storageError_;
        outcome.answered = isAnswered(request);
        if (isClosed(request)) {
            connections_.close(request.origin.connection);
            sessions_.drop(request.origin.connection, seenNow());
        } else if (const auto* opened = std::get_if<OpenSession>(&request.work)) {
            sessions_.put(request.origin.connection, {opened->pid, 0, 0});
        } else if (std::holds_alternative<Barrier>(request.work)) {
            outcome.reply = Reply(BarrierPassed{log_->head().position});
        }
        batch.outcomes.push_back(std::move(outcome));
    }
    connections_.committed();
    sessions_.committed();
}

Error Writer::storageBroke(const Error& error) {
    if (!storageError_) storageError_ = error;
    return error;
}

Result<void> Writer::ensureTransaction() {
    if (inTransaction_) return {};
    auto begun = beginTransaction();
    if (!begun) return storageBroke(begun.error());
    inTransaction_ = true;
    return {};
}

Result<void> Writer::beginTransaction() {
    auto begun = db_.begin();
    if (begun) {
        writeLock_.foundFree();
    } else if (begun.error().code == ErrorCode::busy) {
        writeLock_.foundHeld(clock_.monotonic());
        writeLockBusy_.fetch_add(1, std::memory_order_relaxed);
    }
    return begun;
}

void Writer::addTo(EngineCounters& counters) const {
    counters.eventsAppended = eventsAppended_.load(std::memory_order_relaxed);
    counters.batchesCommitted = batchesCommitted_.load(std::memory_order_relaxed);
    counters.batchesFailed = batchesFailed_.load(std::memory_order_relaxed);
    counters.requestsRefused = refused_.load(std::memory_order_relaxed);
    counters.requestsBusy = busy_.load(std::memory_order_relaxed);
    counters.typingEmptied = typingEmptied_.load(std::memory_order_relaxed);
    counters.queueRequests = queued_.load(std::memory_order_relaxed);
    counters.queueBytes = queuedBytes_.load(std::memory_order_relaxed);
    counters.connectionsJoined = joined_.load(std::memory_order_relaxed);
    counters.typing = typingNow_.load(std::memory_order_relaxed);
    counters.conversationsLoaded = loaded_.load(std::memory_order_relaxed);
    counters.sessionsStored =
        static_cast<std::uint64_t>(sessionsStored_.load(std::memory_order_relaxed));
    counters.sessionsResumed = resumed_.load(std::memory_order_relaxed);
    counters.sessionsEvicted = evicted_.load(std::memory_order_relaxed);
    counters.sessionsNotStored = notStored_.load(std::memory_order_relaxed);
    counters.sessionsNotResumed = notResumed_.load(std::memory_order_relaxed);
    counters.headPosition = head_.load(std::memory_order_relaxed);
    counters.writeLockBusy = writeLockBusy_.load(std::memory_order_relaxed);
    counters.clockImplausible = clockWatch_.isImplausible();
    counters.storageFull = storageFull_.load(std::memory_order_relaxed);
    counters.storageFreeBytes = storageFree_.load(std::memory_order_relaxed);
}

}  // namespace parley
