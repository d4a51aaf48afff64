#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace parley::engineio {

/// How an Engine.IO v4 endpoint behaves. Fixed once the endpoint exists. Nothing is checked here:
/// app/settings.h has the ranges.
struct Options {
    /// The path of handshakes, polls and WebSockets, with its closing slash. `net` also answers
    /// without it.
    std::string path = "/socket.io/";
    std::chrono::milliseconds pingInterval{25'000};    ///< from a pong to the next ping
    std::chrono::milliseconds pingTimeout{20'000};     ///< from a ping to the end without a pong
    std::chrono::milliseconds upgradeTimeout{10'000};  ///< for a probe; then its WebSocket closes
                                                       ///< and the session goes on polling
    /// The longest WebSocket message (beyond it close code 1009) and POST body (beyond it 413). A
    /// polling response ends before the packet that would exceed it, unless that is its first.
    std::size_t maxPayloadBytes = 1'000'000;
    /// What may wait for a client's polls. Beyond it, until half of it is left, droppable frames
    /// are dropped and the client's POSTs are carried out but not answered, so that it sends no
    /// more before it has taken what it was sent. Other frames wait all the same: `stalled` bounds
    /// the time.
    std::size_t queueBytesMax = 4'000'000;
    /// A client that takes nothing of what waits for it for so long is ended as slow. So is one
    /// that is beyond its limit and takes less than Pace::kBytesPerSecondMin over that time.
    std::chrono::milliseconds stalled{30'000};
    /// Sessions of one loop, those that closed and await their last poll included. Beyond it a
    /// handshake gets 503.
    std::size_t sessionsMax = 100'000;
    bool webSocket = true;  ///< the transport is offered; else its requests are refused (code 0)
    bool polling = true;    ///< likewise
    /// Of a cluster's node, its number, 1 to 63: the first character of each sid, as in base64url.
    std::uint8_t node = 0;
};

}  // namespace parley::engineio
