#pragma once

#include <parley/core/clock.h>
#include <parley/core/warnings.h>

#include <atomic>
#include <chrono>
#include <string>

namespace parley {

/// Doubts the wall clock where it cannot be right: behind the log's last time, far ahead of it at
/// the start, or set by more than a minute while the server runs. Then it warns each minute, and
/// nothing may delete by age until an hour has passed without another such sign. It never changes
/// the time that events get. Writer's thread only, where nothing else is said.
class ClockWatch {
public:
    /// `logTime`: the time of the log's last event; 0: it has none. The references outlive this.
    ClockWatch(const Clock& clock, UnixMillis logTime, Warnings& warnings);

    /// Looks at the clocks. Call it about every second, with the log's last time by then.
    void look(UnixMillis logTime);

    /// From this time of the monotonic clock on, deleting by age is allowed; where there is no
    /// doubt it has passed.
    std::chrono::milliseconds trustedFrom() const { return trustedFrom_; }
    /// Whether deleting by age is allowed. Any thread.
    bool isTrusted() const { return trusted_.load(std::memory_order_relaxed); }
    /// Whether it warns now. Any thread.
    bool isImplausible() const { return implausible_.load(std::memory_order_relaxed); }

    static constexpr std::chrono::minutes kToleranceMax{1};  ///< behind, or a step
    static constexpr std::chrono::hours kAheadAtStartMax{7 * 24};
    static constexpr std::chrono::hours kBehindAtStartMax{1};  ///< beyond it a start is refused
    static constexpr std::chrono::hours kTrustedAfter{1};
    static constexpr std::chrono::minutes kWarnEvery{1};

private:
    enum class Doubt { none, behind, farAhead, stepped };
    void raise(Doubt doubt, std::string reason, std::chrono::milliseconds now);
    void warnIfDue(std::chrono::milliseconds now);
    void settle(bool behind, std::chrono::milliseconds now);

    const Clock& clock_;
    Warnings& warnings_;
    std::chrono::milliseconds offset_;  // the wall clock's, from the monotonic one
    std::chrono::milliseconds trustedFrom_{0};
    std::chrono::milliseconds warnAt_{0};
    Doubt doubt_ = Doubt::none;
    bool wasBehind_ = false;
    std::string reason_;
    std::atomic<bool> trusted_{true};
    std::atomic<bool> implausible_{false};
};

}  // namespace parley
