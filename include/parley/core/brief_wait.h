#pragma once

#include <algorithm>
#include <thread>

namespace parley {

/// Looks a few more times for what a thread waits for before it sleeps. Where client and server
/// take turns, the next thing to do comes within some tens of microseconds, about what it costs to
/// put a thread to sleep and a core of a virtual machine with it, and to wake both. A wait that
/// finds nothing makes the tries half as frequent, one that finds something twice as frequent:
/// where less than half of the tries are of use, hardly any is made. No clock is asked: the number
/// of looks bounds the time. One thread.
class BriefWait {
public:
    /// `looksMax`: looks of one wait, 0 or more; 0: none is made.
    explicit BriefWait(int looksMax) : looksMax_(looksMax) {}

    /// Calls `there` until it is true, `looksMax` times at most, letting other threads run in
    /// between. Returns whether it was true. False without a look where it is not tried this time:
    /// the caller then sleeps as it would have anyway. `there` must be cheap, and is called on this
    /// thread.
    template <typename There>
    bool until(There there) {
        if (skip_ > 0) {
            --skip_;
            return false;
        }
        for (int look = 0; look < looksMax_; ++look) {
            if (there()) {
                pause_ /= 2;
                skip_ = pause_;
                return true;
            }
            std::this_thread::yield();
        }
        pause_ = std::clamp(2 * pause_, 1, kPauseMax);
        skip_ = pause_;
        return false;
    }

    /// After how many waits it is tried again at the latest.
    static constexpr int kPauseMax = 256;

private:
    int looksMax_;
    int pause_ = 0;
    int skip_ = 0;
};

}  // namespace parley
