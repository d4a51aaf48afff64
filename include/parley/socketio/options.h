#pragma once

#include <parley/socketio/packet.h>

#include <chrono>
#include <string>
#include <vector>

namespace parley::socketio {

/// How the Socket.IO side of an endpoint behaves. Fixed once it serves; shared by its connections.
struct Options {
    std::vector<std::string> namespaces{"/"};  ///< clients asking for others are refused
    /// For a client to enter a namespace; then its owner, who has the timer, closes the session.
    std::chrono::milliseconds connectTimeout{45'000};
    PacketLimits limits;
};

}  // namespace parley::socketio
