#pragma once

#include <parley/socketio/packet.h>

#include <string>
#include <vector>

namespace parley::socketio {

/// How the Socket.IO side of an endpoint behaves. Fixed once it serves; shared by its connections.
struct Options {
    std::vector<std::string> namespaces{"/"};  ///< clients asking for others are refused
    PacketLimits limits;
};

}  // namespace parley::socketio
