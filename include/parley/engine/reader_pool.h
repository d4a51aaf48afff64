#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <parley/core/result.h>
#include <parley/log/event_reader.h>
#include <parley/projection/view_reader.h>

namespace parley {

/// What a read job works with: one read-only connection and its prepared statements.
struct ReadContext {
    explicit ReadContext(std::unique_ptr<Database> opened)
        : db(std::move(opened)), events(*db), views(*db) {}
    std::unique_ptr<Database> db;
    EventReader events;
    ViewReader views;
};

/// A few threads with a read-only connection each: history, lists and audits, in short
/// transactions. Readers never block the writer.
class ReaderPool {
public:
    using Job = std::function<void(ReadContext&)>;

    static Result<std::unique_ptr<ReaderPool>> open(const std::filesystem::path& database,
                                                    int threads, std::size_t queuedMax);
    /// Stops as `stop` does.
    ~ReaderPool();

    /// Drops the queued jobs, finishes those in work and joins. Idempotent.
    void stop();

    /// Runs `job` on one of the threads. Any thread may call. False: the queue is full.
    bool submit(Job job);
    std::size_t queued() const;
    /// How many jobs were turned away so far.
    std::uint64_t turnedAway() const;

private:
    explicit ReaderPool(std::size_t queuedMax) : queuedMax_(queuedMax) {}
    void run(ReadContext& context);

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    std::size_t queuedMax_;
    std::uint64_t turnedAway_ = 0;
    bool stopping_ = false;
    std::vector<std::unique_ptr<ReadContext>> contexts_;
    std::vector<std::thread> threads_;
};

}  // namespace parley
