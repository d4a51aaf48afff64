#pragma once

#include <parley/net/server.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>

namespace parley {

/// Closes the connections of a loop that do not enter a namespace in time. One timer serves all of
/// them, as one that opens later is due later. The loop's thread only.
class ConnectTimeout {
public:
    /// `isConnecting`: whether a connection is open and in no namespace. REQUIRES: this lives as
    /// long as the loop runs, as timers cannot be cancelled.
    ConnectTimeout(net::Loop& loop, std::chrono::milliseconds timeout,
                   std::function<bool(ConnectionId)> isConnecting);
    /// `open`: how many connections are open, this one included.
    void onOpen(ConnectionId connection, std::size_t open);

private:
    struct Waiting {
        std::chrono::milliseconds deadline;
        ConnectionId connection;
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
