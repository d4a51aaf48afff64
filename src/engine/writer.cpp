#include "engine/writer.h"

#include "engine/fatal.h"
#include "engine/weight.h"

#include <parley/core/check.h>
#include <parley/core/logging.h>
#include <parley/log/data_folder.h>

#include <algorithm>
#include <utility>

namespace parley {

using std::chrono::milliseconds;
namespace {

// How often the writer of a node that does not lead looks at its clock and its disk.
constexpr milliseconds kFollowersTurn{1000};

// Of a unit that nodes agree on, about; with one request more it still fits into a message. Most
// requests need no more than this besides their texts.
constexpr std::size_t kUnitBytesMax = 384 * 1024;
constexpr std::size_t kUnitBytesOfRequest = 400;

}  // namespace

Writer::Writer(const EngineOptions& options, std::unique_ptr<EventLog> log, const Surroundings& its)
    : options_(options),
      clock_(its.clock),
      sink_(its.sink),
      queue_(options.queueRequestsMax, options.queueBytesMax),
      log_(std::move(log)),
      reads_(its.db),
      views_(its.db.sqlite()),
      sessionRows_(its.db),
      space_(options.dataFolder, options.warnFreeBytes),
      lock_(DataFolder::databaseIn(options.dataFolder), its.warnings),
      clockWatch_(clock_, log_->head().at, its.warnings),
      live_(members_, options_, reads_.states, clock_, its.presence),
      unit_({its.db, *log_, views_, its.witness, its.checkpoints, space_, lock_,
             options.gate ? &replication_.emplace(*options.gate, its.db, live_) : nullptr},
            members_, clock_),
      storedSessions_(members_, sessionRows_, live_.sessions, options.sessionsMax),
      sessions_(options_, clock_, unit_, live_, sessionRows_, storedSessions_),
      appender_(members_, {its.db, *log_, views_, unit_, live_, sessions_, joinViews_}, clock_,
                its.random),
      past_(members_, {its.db, *log_, reads_, views_, unit_, live_}),
      retention_(members_, options.typingRetention, its.db, clock_),
      authorizer_({options_, *log_, reads_, unit_}),
      commands_({options_, unit_, live_, sessions_, authorizer_, past_, joinViews_, appender_}),
      system_({*log_, reads_.seqs, unit_, appender_}),
      resume_(options_, clock_, clockWatch_, space_, unit_, live_, reads_, sessionRows_),
      applier_({*log_, unit_, live_, appender_, retention_, joinViews_, reads_,
                replication_ ? &*replication_ : nullptr}),
      batch_({unit_, live_, sessions_, resume_, joinViews_, commands_, system_, applier_, space_,
              replication_ ? &*replication_ : nullptr},
             clock_),
      typingClock_(options.typingTimeout, live_, its.db),
      sweep_(options_, clock_, clockWatch_, unit_, live_, sessionRows_, storedSessions_),
      upkeep_({its.db, unit_, system_, its.witness, space_, lock_, clockWatch_, retention_, sweep_},
              clock_) {
    if (!replication_) {
        sessions_.noteCrash();
        return;
    }
    // What was alive when this node's process ended may be alive on the others.
    if (auto begun = replication_->begin(); !begun) throw SQLite::Exception(begun.error().message);
    members_.committed();
}

Writer::~Writer() {
    stop();
}

void Writer::start() {
    if (decides()) beginToLead();
    // No client is there yet to be told, and the sink is the writer's thread's.
    if (!requests_.empty()) static_cast<void>(carryOutBatch());
    isRunning_ = true;
    if (!options_.stepped) thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
    queue_.close();
    if (!std::exchange(isRunning_, false)) return;
    if (thread_.joinable()) {
        thread_.join();
    } else {
        run();
    }
}

// Until the queue is closed and empty.
void Writer::run() {
    while (turn(untilNextTimer())) {
    }
    upkeep_.finish();
    dieIf(unit_.fatal());
}

// Otherwise another node of the cluster does, and this one starts nothing by itself.
bool Writer::decides() const {
    return !replication_ || replication_->leads();
}

// What the last one that decided, perhaps this process before it ended, has left open.
void Writer::beginToLead() {
    hasLed_ = true;
    typingClock_.addLeftOpen(requests_);
    if (replication_) storedSessions_.recount();
}

milliseconds Writer::untilNextTimer() const {
    if (!decides()) return kFollowersTurn;
    auto first = upkeep_.nextDue();
    if (const auto typing = typingClock_.nextDue()) first = std::min(first, *typing);
    return std::max(first - clock_.monotonic(), milliseconds(0));
}

// False once the queue is closed and empty.
bool Writer::turn(milliseconds atMost) {
    requests_.clear();
    if (!queue_.take(requests_, atMost)) return false;
    dieIf(queue_.lost());
    upkeep_.look();
    dieIf(unit_.fatal());
    if (!decides()) {
        hasLed_ = false;
    } else {
        if (!hasLed_) beginToLead();
        typingClock_.addDue(requests_);
    }
    const bool quiet = requests_.empty();
    if (!quiet) carryOutUnits();
    if (decides()) upkeep_.work(quiet);
    dieIf(unit_.fatal());
    turns_.store(turns() + 1, std::memory_order_relaxed);  // this thread alone writes it
    return true;
}

// The nodes of a cluster agree on a unit by one message, so what came together is divided. A single
// node commits it together.
void Writer::carryOutUnits() {
    if (!replication_) return sink_.publish(carryOutBatch());
    auto all = std::exchange(requests_, {});
    for (auto next = all.begin(); next != all.end();) {
        requests_.clear();
        for (std::size_t bytes = 0; next != all.end(); ++next) {
            bytes += weightOf(*next) + kUnitBytesOfRequest;
            if (!requests_.empty() && bytes > kUnitBytesMax) break;
            requests_.push_back(std::move(*next));
        }
        sink_.publish(carryOutBatch());
    }
}

BatchOutcome Writer::carryOutBatch() {
    auto outcome = batch_.carryOut(requests_);
    dieIf(unit_.fatal());
    PARLEY_CHECK(outcome.has_value());
    return std::move(*outcome);
}

// The disk may hold less, or more, than SQLite said: nobody is told anything any more.
void Writer::dieIf(const std::optional<Error>& fatal) {
    if (!fatal) return;
    queue_.fail();
    logger().critical("storage_lost message=\"{}\"", fatal->message);
    endProcess(options_,
               fatal->message +
                   ". What was acknowledged before is safe; what was under way may or may "
                   "not have been stored. Check the disk, then start again");
}

void Writer::addTo(EngineCounters& counters) const {
    queue_.addTo(counters);
    batch_.addTo(counters);
    storedSessions_.addTo(counters);
    resume_.addTo(counters);
    appender_.addTo(counters);
    counters.commitDurations = unit_.commitDurations().values();
    counters.requestsRefused = commands_.refused();
    counters.typingEmptied = retention_.emptied();
    counters.headPosition = unit_.committedPosition();
    counters.writeLockBusy = unit_.lockBusy();
    counters.clockImplausible = clockWatch_.isImplausible();
    counters.storageFull = space_.full();
    counters.storageFreeBytes = space_.freeBytes();
}

}  // namespace parley
