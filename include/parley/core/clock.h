#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace parley {

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. What the log stores and the wire
/// shows. Values compare in the order of time.
struct UnixMillis {
    std::int64_t value = 0;
    auto operator<=>(const UnixMillis&) const = default;
};

/// "2026-01-31T08:15:30.042Z": ISO 8601, UTC, always 24 characters with three decimals (the wire's
/// form). REQUIRES: a year of four digits, 0000 to 9999. Any thread.
std::string toIso8601(UnixMillis at);

/// Appends what toIso8601 returns, and allocates nothing beyond `out`. Likewise.
void appendIso8601(std::string& out, UnixMillis at);

/// The only source of time below `app`, so that tests can hold it still.
/// Implementations are safe to call from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    /// Wall clock; may jump, forward and back, when the machine's time is corrected. For what is
    /// stored and shown; never for measuring how long something takes.
    virtual UnixMillis now() const = 0;
    /// Time for timers and durations; never goes back. Its zero has no meaning: only differences
    /// within one process do.
    virtual std::chrono::milliseconds monotonic() const = 0;
};

/// The machine's clocks (CLOCK_REALTIME and CLOCK_MONOTONIC). Any thread.
class SystemClock final : public Clock {
public:
    UnixMillis now() const override;
    std::chrono::milliseconds monotonic() const override;
};

/// A clock that stands still until it is moved. For tests; one thread at a time.
class ManualClock final : public Clock {
public:
    explicit ManualClock(UnixMillis start = {1'700'000'000'000}) : now_(start) {}
    UnixMillis now() const override { return now_; }
    std::chrono::milliseconds monotonic() const override { return monotonic_; }
    /// Moves both clocks forward by `by`, which is not negative.
    void advance(std::chrono::milliseconds by) {
        now_.value += by.count();
        monotonic_ += by;
    }

private:
    UnixMillis now_;
    std::chrono::milliseconds monotonic_{0};
};

}  // namespace parley
