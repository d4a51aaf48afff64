#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace parley {

/// A thread that does a piece of work now and then, and can be told to stop while it waits for the
/// next one. For work that follows the time; what is woken by other threads has a condition of its
/// own.
class BackgroundThread {
public:
    BackgroundThread() = default;
    /// Stops as `stop` does.
    ~BackgroundThread() { stop(); }
    BackgroundThread(const BackgroundThread&) = delete;
    BackgroundThread& operator=(const BackgroundThread&) = delete;

    /// Runs `body` on a new thread. It returns soon after `sleep` gives false, or `isStopping` is
    /// true. Call once, before `stop`. The owner's thread. An exception of `body` ends the process.
    void start(std::function<void()> body);
    /// Wakes the thread and joins it: returns once `body` has. Idempotent; harmless where nothing
    /// was started. The owner's thread, never `body` itself. What `body` uses must live until then.
    void stop();

    /// Waits for `span` of real time; false: the thread is to stop, and at once where it already
    /// is. For `body`.
    bool sleep(std::chrono::milliseconds span);
    /// Whether `stop` was called; work that takes long asks now and then. Any thread.
    bool isStopping() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace parley
