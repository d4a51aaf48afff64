#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/warnings.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace parley::audit {

class Following;

/// Keeps `audit.db` up to date beside the writer, on a thread of its own with the lowest priority.
/// It reads the log's committed events in short transactions and never makes the writer wait.
/// Whatever happens to audit.db, the server goes on: a file that is missing, damaged or of another
/// log is built anew, also while the server runs; where it cannot be written, the follower logs
/// `audit_failed`, raises the warning `audit_failed`, and tries again after a second, later after
/// up to a minute.
class Follower {
public:
    /// `folder`: the data folder that this process owns, with a migrated log. `head`: the position
    /// of the log's last committed event; called on the follower's thread and on those that call
    /// `lag`. The references outlive this.
    Follower(const std::filesystem::path& folder, std::function<Position()> head,
             const Clock& clock, Warnings& warnings);
    /// Stops as `stop` does.
    ~Follower();

    /// Starts the thread. Call once. The owner's thread.
    void start();
    /// Joins the thread, and follows up to the head that is there now, for kCatchUpAtStop at most.
    /// Idempotent. The owner's thread.
    void stop();

    /// Up to where audit.db holds the log, as committed; 0 while it is not open. Any thread.
    Position position() const { return {position_.load()}; }
    /// How many events the log is ahead. Any thread.
    std::int64_t lag() const;
    /// Waits until audit.db holds the log up to `position`, for `atMost` of real time. False: it
    /// does not yet. Any thread but a loop's, the writer's and the follower's.
    bool waitFor(Position position, std::chrono::milliseconds atMost);
    /// Calls `then` once audit.db holds the log up to `position`, or after `atMost`, or when the
    /// follower stops: at once on the caller's thread, or later on the follower's, or on the
    /// owner's in `stop`. Where more than kWaitingMax wait, at once. `then` must not throw, and
    /// takes no time. Any thread.
    void whenReached(Position position, std::chrono::milliseconds atMost,
                     std::function<void()> then);

    static constexpr std::chrono::milliseconds kPoll{100};  ///< while nothing happens
    static constexpr std::chrono::milliseconds kCatchUpAtStop{1000};
    static constexpr std::size_t kWaitingMax = 1000;

private:
    enum class Next { atOnce, later, afterFailure };
    struct Question {
        std::int64_t position = 0;
        std::chrono::milliseconds until{0};  // by the clock
        std::function<void()> then;
    };

    void run();
    void catchUp();
    Next step();
    void noteFailure(const std::string& why);
    void noteSuccess();
    bool sleep(std::chrono::milliseconds span, bool forQuestions);
    void answer(bool all);

    const std::function<Position()> head_;
    const Clock& clock_;
    Warnings& warnings_;
    std::unique_ptr<Following> following_;  // the thread's; without it, the owner's

    std::atomic<std::int64_t> position_{0};
    int failures_ = 0;  // in a row; as following_

    std::mutex mutex_;
    std::condition_variable wake_;     // the thread
    std::condition_variable reached_;  // those that wait for a position
    int waiting_ = 0;
    std::vector<Question> questions_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace parley::audit
