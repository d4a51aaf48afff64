#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace parley::engineio {

/// How an Engine.IO v4 endpoint behaves. Fixed once the server runs.
struct Options {
    std::string path = "/socket.io/";                ///< with its closing slash
    std::chrono::milliseconds pingInterval{25'000};  ///< between a pong and the next ping
    std::chrono::milliseconds pingTimeout{20'000};   ///< a ping unanswered so long ends the session
    std::chrono::milliseconds upgradeTimeout{10'000};  ///< a probe that is not completed is dropped
    std::size_t maxPayloadBytes = 1'000'000;           ///< one WebSocket message or one POST body
    /// Waiting for a poll. Beyond it, until half of it is left, typing is dropped and POSTs are
    /// not answered: the client sends no more before it has taken what it was sent.
    std::size_t queueBytesMax = 4'000'000;
    /// A client that takes nothing of what waits for it for so long is ended as slow; likewise one
    /// that takes less than Pace::kBytesPerSecondMin over that time while beyond its limit.
    std::chrono::milliseconds stalled{30'000};
    std::size_t sessionsMax = 100'000;  ///< of one loop; beyond it handshakes get 503
    bool webSocket = true;              ///< transport offered
    bool polling = true;                ///< transport offered
};

}  // namespace parley::engineio
