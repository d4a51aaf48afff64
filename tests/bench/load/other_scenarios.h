#pragma once

#include "options.h"
#include "report.h"

namespace parley::bench {

/// Connections per second: TCP, WebSocket, Engine.IO and Socket.IO, until the namespace is
/// confirmed.
Report runConnect(const Options& options);

/// What one open connection costs the server in memory while nothing happens.
Report runIdle(const Options& options);

/// What one client costs the server that waits in a long-poll.
Report runParked(const Options& options);

/// get_messages of the newest 50, each client in a room of its own with 100 messages.
Report runHistory(const Options& options);

}  // namespace parley::bench
