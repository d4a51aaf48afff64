#pragma once

#include <parley/net/server.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>

namespace parley {

/// Ends the sessions of a loop that opened and do not connect to the namespace in time. One timer
/// serves all of them: who opens later is due later. The loop's thread only.
class ConnectTimeout {
public:
    /// `isConnecting`: whether a session is here and has not connected yet. REQUIRES: this lives as
    /// long as the loop runs, whose timers are not taken back.
    ConnectTimeout(net::Loop& loop, std::chrono::milliseconds timeout,
                   std::function<bool(ConnectionId)> isConnecting);
    /// `open`: how many sessions there are, with this one.
    void onOpen(ConnectionId session, std::size_t open);

private:
    struct Waiting {
        std::chrono::milliseconds deadline;
        ConnectionId session;
    };

    void arm();
    void endDue();

    net::Loop& loop_;
    const std::chrono::milliseconds timeout_;
    const std::function<bool(ConnectionId)> isConnecting_;
    std::deque<Waiting> waiting_;  // the earliest first; some may be connected, or gone
    bool timerRuns_ = false;
};

}  // namespace parley
