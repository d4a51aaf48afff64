#pragma once

#include <cstddef>

namespace parley::net {

/// Shares the handshakes' signatures of one loop out over its turns: TlsOptions::handshakesATurn.
/// Those that had to wait go before those that have just arrived. The loop's thread.
class HandshakeTurns {
public:
    /// 0: no limit.
    explicit HandshakeTurns(std::size_t max) : max_(max) {}

    /// Before the turn's events are handled.
    void begin() {
        othersWait_ = deferred_ > 0;
        deferred_ = 0;
        signed_ = 0;
    }
    /// Before those that an earlier turn deferred are taken up.
    void takeUpDeferred() { othersWait_ = false; }

    bool maySign() const { return max_ == 0 || (!othersWait_ && signed_ < max_); }
    void noteSigned() { ++signed_; }
    void noteDeferred() { ++deferred_; }

private:
    const std::size_t max_;
    std::size_t signed_ = 0;    // in this turn
    std::size_t deferred_ = 0;  // likewise
    bool othersWait_ = false;
};

}  // namespace parley::net
