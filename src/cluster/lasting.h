#pragma once

#include <chrono>
#include <optional>

namespace parley {

/// A condition that counts once it has held for some time without a break. Pure. One thread at a
/// time.
class Lasting {
public:
    using Time = std::chrono::milliseconds;
    explicit Lasting(Time least) : least_(least) {}

    /// What holds at `now`. Returns whether it begins to count.
    bool note(bool holds, Time now) {
        if (!holds) {
            since_.reset();
            counts_ = false;
            return false;
        }
        if (!since_) since_ = now;
        if (counts_ || now - *since_ < least_) return false;
        counts_ = true;
        return true;
    }
    bool counts() const { return counts_; }

private:
    const Time least_;
    std::optional<Time> since_;
    bool counts_ = false;
};

}  // namespace parley
