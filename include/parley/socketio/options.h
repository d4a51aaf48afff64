#pragma once

#include <parley/socketio/packet.h>

#include <string>
#include <vector>

namespace parley::socketio {

/// How the Socket.IO side of a server behaves. Fixed once a connection uses it; shared by all
/// connections of a loop.
struct Options {
    /// The namespaces that clients may ask for, each beginning with '/'. A CONNECT for another one
    /// is answered with CONNECT_ERROR ("Invalid namespace"); the connection goes on.
    std::vector<std::string> namespaces{"/"};
    PacketLimits limits;  ///< a packet beyond one of them is malformed
};

}  // namespace parley::socketio
