#pragma once

#include <parley/core/random.h>

#include <array>
#include <chrono>
#include <cstdint>

namespace parley {

/// When a node that hears no leader asks for the leadership. A time at random keeps two nodes from
/// asking at once, again and again. One thread.
class Election {
public:
    using Time = std::chrono::milliseconds;
    struct Options {
        Time timeout{1500};
        Time randomMax{1000};
    };
    Election(Options options, Random& random) : options_(options), random_(random) {}

    /// There is a leader at `now`.
    void hearsLeader(Time now) { due_ = now + options_.timeout + jitter(); }
    /// The leader has said at `now` that it leaves.
    void leaderLeft(Time now) { due_ = now + jitter() / 10; }
    /// This node has asked, whatever became of it.
    void asked(Time now) { due_ = now + options_.timeout / 2 + jitter(); }
    bool isDue(Time now) const { return now >= due_; }

private:
    Time jitter() {
        std::array<std::uint8_t, 2> bytes{};
        random_.fill(bytes);
        const auto share = bytes[0] * 256U + bytes[1];
        return Time(static_cast<std::int64_t>(share) * options_.randomMax.count() / 65536);
    }
    const Options options_;
    Random& random_;
    Time due_{0};
};

}  // namespace parley
