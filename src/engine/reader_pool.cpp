#include <parley/core/logging.h>
#include <parley/engine/reader_pool.h>

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
    std::deque<Job> dropped;  // what they hold is let go of outside the lock
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(jobs_);
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

bool ReaderPool::submit(Job job) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_ || jobs_.size() >= queuedMax_) {
            ++turnedAway_;
            return false;
        }
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

std::size_t ReaderPool::queued() const {
    std::lock_guard lock(mutex_);
    return jobs_.size();
}

std::uint64_t ReaderPool::turnedAway() const {
    std::lock_guard lock(mutex_);
    return turnedAway_;
}

void ReaderPool::run(ReadContext& context) {
    std::chrono::milliseconds deadline{0};
    bool wasCut = false;
    context.db->interruptWhen([&] { return wasCut = clock_.monotonic() > deadline; });
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        deadline = clock_.monotonic() + timeLimit_;
        wasCut = false;
        job(context);
        context.db->rollback();  // a job that was cut off may have left its transaction open
        if (wasCut) {
            cut_.fetch_add(1, std::memory_order_relaxed);
            logger().warn("read_cut limit_ms={}", timeLimit_.count());
        }
        lock.lock();
    }
}

}  // namespace parley
