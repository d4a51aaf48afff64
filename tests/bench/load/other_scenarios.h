#pragma once

#include "options.h"
#include "report.h"

namespace parley::bench {

/// Connections per second: TCP, WebSocket, Engine.IO and Socket.IO, until the namespace is
/// confirmed.
Report runConnect(const Options& options);

/// The server's memory for one idle connection.
Report runIdle(const Options& options);

/// The server's memory for one client that waits in a long-poll.
Report runParked(const Options& options);

/// get_messages of the newest 50, each client in its own room with 100 messages.
Report runHistory(const Options& options);

}  // namespace parley::bench
