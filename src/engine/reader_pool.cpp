#include <parley/core/logging.h>
#include <parley/engine/reader_pool.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace parley {

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::filesystem::path& database,
                                                     int threads, std::size_t queuedMax,
                                                     std::chrono::milliseconds timeLimit,
                                                     const Clock& clock) {
    std::unique_ptr<ReaderPool> pool(new ReaderPool(queuedMax, timeLimit, clock));
    for (int i = 0; i < threads; ++i) {
        auto db = Database::openReader(database);
        if (!db) return db.error();
        auto prepared = guarded(
            [&] { pool->contexts_.push_back(std::make_unique<ReadContext>(std::move(*db))); });
        if (!prepared) return prepared.error();
    }
    for (auto& context : pool->contexts_) {
        pool->threads_.emplace_back([raw = pool.get(), &context] { raw->run(*context); });
    }
    return pool;
}

ReaderPool::~ReaderPool() {
    stop();
}

void ReaderPool::stop() {
    decltype(reads_) dropped;  // what they hold is let go of outside the lock
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(reads_);
        turns_.clear();
        queued_ = 0;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

bool ReaderPool::submit(Job job, Asker asker, Failed failed) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_ || queued_ >= queuedMax_) {
            ++turnedAway_;
            return false;
        }
        auto& waiting = reads_[asker];
        if (waiting.empty()) turns_.push_back(asker);
        waiting.push_back({std::move(job), std::move(failed)});
        ++queued_;
    }
    wake_.notify_one();
    return true;
}

void ReaderPool::forget(Asker asker) {
    std::deque<Read> dropped;  // let go of outside the lock
    std::lock_guard lock(mutex_);
    const auto waiting = reads_.find(asker);
    if (waiting == reads_.end()) return;
    dropped = std::move(waiting->second);
    reads_.erase(waiting);
    turns_.erase(std::find(turns_.begin(), turns_.end(), asker));
    queued_ -= dropped.size();
}

// One job of whose turn it is; who has more is next after everybody else.
ReaderPool::Read ReaderPool::takeNext() {
    const Asker asker = turns_.front();
    turns_.pop_front();
    const auto waiting = reads_.find(asker);
    Read read = std::move(waiting->second.front());
    waiting->second.pop_front();
    if (waiting->second.empty()) {
        reads_.erase(waiting);
    } else {
        turns_.push_back(asker);
    }
    --queued_;
    return read;
}

std::size_t ReaderPool::queued() const {
    std::lock_guard lock(mutex_);
    return queued_;
}

std::uint64_t ReaderPool::turnedAway() const {
    std::lock_guard lock(mutex_);
    return turnedAway_;
}

// No memory for a large answer, or a defect: the end of one read, not of the process.
void ReaderPool::carryOut(const Read& read, ReadContext& context) {
    try {
        read.job(context);
    } catch (const std::exception& error) {
        fail(read, error.what());
    } catch (...) {
        fail(read, "unknown");
    }
}

void ReaderPool::fail(const Read& read, const char* why) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    logger().error("read_failed error=\"{}\"", why);
    if (!read.failed) return;
    read.failed({ErrorCode::internal, "the read failed; the server's log says why"});
}

void ReaderPool::run(ReadContext& context) {
    std::chrono::milliseconds deadline{0};
    bool wasCut = false;
    context.db->interruptWhen([&] { return wasCut = clock_.monotonic() > deadline; });
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !reads_.empty(); });
        if (reads_.empty()) return;
        const Read read = takeNext();
        begun_.fetch_add(1, std::memory_order_relaxed);
        lock.unlock();
        deadline = clock_.monotonic() + timeLimit_;
        wasCut = false;
        carryOut(read, context);
        context.db->rollback();  // a job that was cut off may have left its transaction open
        if (wasCut) {
            cut_.fetch_add(1, std::memory_order_relaxed);
            logger().warn("read_cut limit_ms={}", timeLimit_.count());
        }
        lock.lock();
    }
}

}  // namespace parley
