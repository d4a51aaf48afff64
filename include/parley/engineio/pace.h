#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley::engineio {

/// How a client takes what waits for it. Slow is a matter of time, not of amount. A client is too
/// slow when it took nothing for a while, or when more than its limit waited for it and it took
/// less than `kBytesPerSecondMin` over that while. A value without a clock; one thread. Times are
/// of Clock::monotonic, and never go back from one call to the next.
class Pace {
public:
    using Millis = std::chrono::milliseconds;
    static constexpr std::int64_t kBytesPerSecondMin = 16'000;

    /// Starts at the moment when output begins to wait.
    explicit Pace(Millis now = Millis{0}) : movedAt_(now) {}

    /// Notes how many bytes the client took since the last call. 0 is no sign of life.
    void took(std::size_t bytes, Millis now) {
        if (bytes > 0) movedAt_ = now;
        taken_ += static_cast<std::int64_t>(bytes);
    }
    /// Notes that more than the client's limit waits from now on, or no longer. Either starts a new
    /// measurement.
    void setOver(bool over, Millis now) {
        over_ = over;
        since_ = now;
        taken_ = 0;
    }
    /// As `setOver` left it; at first false.
    bool over() const { return over_; }
    /// When the client last took something; before that, when output began to wait.
    Millis movedAt() const { return movedAt_; }
    /// Judges the time since the last judgement, once that is `patience` long, and starts the next
    /// measurement then. A client that took nothing for `patience` is too slow at any time. True
    /// again at the next call if nothing moves: let the client go at the first.
    bool isTooSlow(Millis now, Millis patience) {
        if (now - movedAt_ >= patience) return true;
        if (!over_ || now - since_ < patience) return false;
        const bool slow = taken_ * 1000 < kBytesPerSecondMin * (now - since_).count();
        since_ = now;
        taken_ = 0;
        return slow;
    }

private:
    Millis movedAt_;
    Millis since_{0};  // when the measurement began
    std::int64_t taken_ = 0;
    bool over_ = false;
};

}  // namespace parley::engineio
