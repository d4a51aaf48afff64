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
    std::size_t queueBytesMax = 4'000'000;  ///< waiting for a poll; beyond it the session ends
    std::size_t sessionsMax = 100'000;      ///< of one loop; beyond it handshakes get 503
    bool webSocket = true;                  ///< transport offered
    bool polling = true;                    ///< transport offered
};

}  // namespace parley::engineio
