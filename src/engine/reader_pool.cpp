#include <parley/core/logging.h>
#include <parley/core/precise_time.h>
#include <parley/core/try.h>
#include <parley/engine/reader_pool.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace parley {
namespace {

// What a small read may cost, in looks at ReaderPool's clock (kInterruptCheckOps of SQLite's steps
// each): a row of history that is passed over takes 30 to 40 steps.
constexpr int kSmallReadChecksMax = kSmallReadRowsMax * 40 / kInterruptCheckOps;

constexpr std::size_t kHeavyOwnersMax = 10'000;  // remembered; beyond it they are found out anew

}  // namespace

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::filesystem::path& database,
                                                     int threads, std::size_t queuedMax,
                                                     std::chrono::milliseconds timeLimit,
                                                     const Clock& clock) {
    std::unique_ptr<ReaderPool> pool(new ReaderPool(queuedMax, timeLimit, clock));
    for (int i = 0; i <= threads; ++i) {  // and one for the large ones
        PARLEY_TRY_ASSIGN(auto db, Database::openReader(database));
        PARLEY_TRY(guarded(
            [&] { pool->contexts_.push_back(std::make_unique<ReadContext>(std::move(db))); }));
    }
    for (std::size_t i = 0; i < pool->contexts_.size(); ++i) {
        Lane& lane = i == 0 ? pool->large_ : pool->small_;
        pool->threads_.emplace_back([raw = pool.get(), context = pool->contexts_[i].get(), &lane] {
            raw->run(*context, lane);
        });
    }
    return pool;
}

ReaderPool::~ReaderPool() {
    stop();
}

void ReaderPool::stop() {
    // What they hold is let go of outside the lock.
    decltype(small_.reads) droppedSmall;
    decltype(large_.reads) droppedLarge;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        droppedSmall.swap(small_.reads);
        droppedLarge.swap(large_.reads);
        for (Lane* lane : {&small_, &large_}) {
            lane->turns.clear();
            lane->queued = 0;
        }
    }
    small_.wake.notify_all();
    large_.wake.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

bool ReaderPool::submit(Job job, ReadOwner owner, Failed failed, ReadSize size) {
    std::unique_lock lock(mutex_);
    if (stopping_ || small_.queued + large_.queued >= queuedMax_) {
        ++turnedAway_;
        return false;
    }
    if (size == ReadSize::small && heavy_.contains(owner)) size = ReadSize::large;
    Lane& lane = laneOf(size);
    lane.add({owner, std::move(job), std::move(failed), size});
    lock.unlock();
    lane.wake.notify_one();
    return true;
}

void ReaderPool::forget(ReadOwner owner) {
    std::deque<Read> droppedSmall;  // let go of outside the lock
    std::deque<Read> droppedLarge;
    std::lock_guard lock(mutex_);
    droppedSmall = small_.remove(owner);
    droppedLarge = large_.remove(owner);
    heavy_.erase(owner);
}

void ReaderPool::Lane::add(Read read) {
    auto& waiting = reads[read.owner];
    if (waiting.empty()) turns.push_back(read.owner);
    waiting.push_back(std::move(read));
    ++queued;
}

std::deque<ReaderPool::Read> ReaderPool::Lane::remove(ReadOwner owner) {
    const auto waiting = reads.find(owner);
    if (waiting == reads.end()) return {};
    auto removed = std::move(waiting->second);
    reads.erase(waiting);
    turns.erase(std::find(turns.begin(), turns.end(), owner));
    queued -= removed.size();
    return removed;
}

// Round-robin over owners.
ReaderPool::Read ReaderPool::Lane::takeNext() {
    const ReadOwner owner = turns.front();
    turns.pop_front();
    const auto waiting = reads.find(owner);
    Read read = std::move(waiting->second.front());
    waiting->second.pop_front();
    if (waiting->second.empty()) {
        reads.erase(waiting);
    } else {
        turns.push_back(owner);
    }
    --queued;
    return read;
}

std::size_t ReaderPool::queued() const {
    std::lock_guard lock(mutex_);
    return small_.queued + large_.queued;
}

std::size_t ReaderPool::largeQueued() const {
    std::lock_guard lock(mutex_);
    return large_.queued;
}

std::uint64_t ReaderPool::turnedAway() const {
    std::lock_guard lock(mutex_);
    return turnedAway_;
}

// No memory for a large answer, or a defect: the end of one read, not of the process.
bool ReaderPool::carryOut(const Read& read, ReadContext& context) {
    try {
        read.job(context);
        return true;
    } catch (const std::exception& error) {
        fail(read, error.what());
    } catch (...) {
        fail(read, "unknown");
    }
    return false;
}

void ReaderPool::fail(const Read& read, const char* why) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    logger().error("read_failed error=\"{}\"", why);
    if (!read.failed) return;
    read.failed({ErrorCode::internal, "the read failed; the server's log says why"});
}

// Otherwise an owner of many large reads would have the first rows of each read among the small.
void ReaderPool::note(ReadOwner owner, bool outgrown) {
    if (!outgrown) {
        heavy_.erase(owner);
        return;
    }
    if (heavy_.size() >= kHeavyOwnersMax) heavy_.clear();
    heavy_.insert(owner);
    for (auto& read : small_.remove(owner)) {
        if (read.size == ReadSize::small) read.size = ReadSize::large;
        laneOf(read.size).add(std::move(read));
    }
    large_.wake.notify_one();
}

void ReaderPool::run(ReadContext& context, Lane& lane) {
    auto size = ReadSize::small;
    std::chrono::milliseconds deadline{0};
    bool wasCut = false;
    int checks = 0;
    context.db->interruptWhen([&] {
        ++checks;
        if (size == ReadSize::small && checks > kSmallReadChecksMax) {
            return context.outgrown_ = true;
        }
        return wasCut = clock_.monotonic() > deadline;
    });
    std::unique_lock lock(mutex_);
    for (;;) {
        lane.wake.wait(lock, [&] { return stopping_ || !lane.reads.empty(); });
        if (lane.reads.empty()) return;
        Read read = lane.takeNext();
        begun_.fetch_add(1, std::memory_order_relaxed);
        if (&lane == &large_) largeBegun_.fetch_add(1, std::memory_order_relaxed);
        lock.unlock();
        size = read.size;
        const auto begun = preciseTime();
        deadline = clock_.monotonic() + timeLimit_;
        wasCut = false;
        checks = 0;
        context.outgrown_ = false;
        const bool done = carryOut(read, context);
        durations_[static_cast<std::size_t>(size)].observe(preciseTime() - begun);
        context.db->rollback();  // a job that was cut off may have left its transaction open
        if (wasCut) {
            cut_.fetch_add(1, std::memory_order_relaxed);
            logger().warn("read_cut limit_ms={}", timeLimit_.count());
        }
        lock.lock();
        const auto owner = read.owner;
        if (done && context.outgrown_ && !stopping_) {
            read.size = ReadSize::large;
            large_.add(std::move(read));  // before its owner's others
        }
        if (size != ReadSize::slice) note(owner, checks > kSmallReadChecksMax);
    }
}

}  // namespace parley
