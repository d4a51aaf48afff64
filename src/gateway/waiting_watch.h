#pragma once

#include <parley/core/clock.h>
#include <parley/projection/waiting_customers.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace parley {

/// Who waits for an answer, for metrics: read on a thread of its own, because a scrape must wait
/// for nothing. Nothing is read while nobody asks.
class WaitingWatch {
public:
    explicit WaitingWatch(std::filesystem::path database) : database_(std::move(database)) {}
    /// Stops as `stop` does.
    ~WaitingWatch() { stop(); }

    /// Reads once, then starts the thread. The owner's thread.
    void start();
    /// Joins the thread. Idempotent. The owner's thread.
    void stop();

    /// What was read last, and has it read again for the next one who asks. Nothing where it could
    /// not be read. Any thread.
    std::optional<WaitingCustomers> take();

private:
    void run();
    void read(std::unique_lock<std::mutex>& lock);

    const std::filesystem::path database_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool asked_ = false;
    bool stopping_ = false;
    std::optional<WaitingCustomers> last_;
    std::thread thread_;
};

}  // namespace parley
