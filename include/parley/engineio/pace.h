#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley::engineio {

/// How a client takes what waits for it. Slow is a matter of time, not of amount: too slow is a
/// client that took nothing for a while, or, while more waits than its limit, less than
/// `kBytesPerSecondMin` over that while. Pure; the owner's thread.
class Pace {
public:
    using Millis = std::chrono::milliseconds;
    static constexpr std::int64_t kBytesPerSecondMin = 16'000;

    /// Output begins to wait.
    explicit Pace(Millis now = Millis{0}) : movedAt_(now) {}

    /// The client took so many bytes since the last call; 0: none.
    void took(std::size_t bytes, Millis now) {
        if (bytes > 0) movedAt_ = now;
        taken_ += static_cast<std::int64_t>(bytes);
    }
    /// Whether more waits than its limit.
    void setOver(bool over, Millis now) {
        over_ = over;
        since_ = now;
        taken_ = 0;
    }
    bool over() const { return over_; }
    /// When it was last seen to take something, or when output began to wait.
    Millis movedAt() const { return movedAt_; }
    /// Judges the while that has passed, `patience` long; the next one begins.
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
    Millis since_{0};  // over its limit, or judged last
    std::int64_t taken_ = 0;
    bool over_ = false;
};

}  // namespace parley::engineio
