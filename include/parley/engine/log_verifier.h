#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/core/warnings.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace parley {

/// What a verification of the whole log found.
struct VerifiedLog {
    Position position;  ///< up to it every event is good
    UnixMillis at;      ///< when it ended
    bool ok = true;
    Position brokenAt;    ///< the first bad event, unless ok
    std::string problem;  ///< what is wrong there
};

/// How far a verification has come.
struct VerifyingLog {
    Position position;  ///< good so far
    Position head;      ///< the log's end when it began; it may go beyond
    UnixMillis startedAt;
};

/// A verification that could not check anything.
struct VerifyFailure {
    Error error;
    UnixMillis at;
};

/// Verifies the whole log beside the server (verifyLog), when it is told to: on a thread of its own
/// with the lowest priority, with a read-only connection, in short transactions. One at a time.
/// What the last one found is kept in memory. A log that is not good is logged as `log_broken` and
/// raises that warning, until a later one finds it good.
class LogVerifier {
public:
    /// What the last verification found, and what one does now. A value.
    struct State {
        std::optional<VerifiedLog> last;
        std::optional<VerifyingLog> now;
        std::optional<VerifyFailure> failure;  ///< since `last`
    };

    /// The references outlive this.
    LogVerifier(std::filesystem::path database, const Clock& clock, Warnings& warnings)
        : database_(std::move(database)), clock_(clock), warnings_(warnings) {}
    /// Stops as `stop` does.
    ~LogVerifier();

    /// Begins to verify, and returns at once. False: it does so already, or was stopped. Any
    /// thread.
    bool start();
    /// Cuts a verification short, which then has found nothing, and joins the thread. Idempotent.
    /// The owner's thread.
    void stop();

    /// Any thread.
    State state() const;
    /// Up to where the last verification found every event good; 0: none has ended. Any thread.
    Position verified() const { return {verified_.load(std::memory_order_relaxed)}; }

private:
    void run();
    void finish(VerifiedLog found);
    void fail(const Error& error);

    const std::filesystem::path database_;
    const Clock& clock_;
    Warnings& warnings_;
    mutable std::mutex mutex_;
    State state_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::int64_t> verified_{0};
    std::thread thread_;  // of the last verification
};

}  // namespace parley
