#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace parley {

/// Milliseconds since 1970-01-01T00:00:00Z. What the log stores and the wire shows.
struct UnixMillis {
    std::int64_t value = 0;
    auto operator<=>(const UnixMillis&) const = default;
};

/// "2026-01-31T08:15:30.042Z": ISO 8601, UTC, always three decimals (the wire's form).
std::string toIso8601(UnixMillis at);

/// Appends what toIso8601 returns.
void appendIso8601(std::string& out, UnixMillis at);

/// The only source of time below `app`, so that tests can hold it still.
/// Implementations are safe to call from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    /// Wall clock; may jump when the machine's time is corrected.
    virtual UnixMillis now() const = 0;
    /// Time for timers and durations; never goes back. Its zero has no meaning.
    virtual std::chrono::milliseconds monotonic() const = 0;
};

/// The machine's clocks.
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
    /// Moves both clocks forward.
    void advance(std::chrono::milliseconds by) {
        now_.value += by.count();
        monotonic_ += by;
    }

private:
    UnixMillis now_;
    std::chrono::milliseconds monotonic_{0};
};

}  // namespace parley
