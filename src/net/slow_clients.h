#pragma once

#include "net/connections.h"

#include <parley/engineio/pace.h>
#include <parley/net/server.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

namespace parley::net {

class WebSocketProtocol;

/// Deals with clients of one loop that do not take what they are sent. Slow is a matter of time,
/// and each client's time is its own. Where too much waits for all together, the clients that took
/// nothing for longest end first. The loop's thread.
class SlowClients {
public:
    /// REQUIRES: all of them outlive it.
    SlowClients(const Options& options, const Clock& clock, Connections& connections,
                LoopCounters& counters);
    void watch(WebSocketProtocol& webSockets, engineio::Endpoint& engine);

    /// See Protocol::flushed. Starts or ends measuring the connection, and decides whether a
    /// WebSocket is read.
    void flushed(TcpConnection& connection, std::optional<std::size_t> written);
    /// Checks, at its deadline, whether a WebSocket takes what waits for it; closes it if not.
    void judge(TcpConnection& connection);
    /// Resumes reading a WebSocket, as it ends or has taken enough.
    void resume(TcpConnection& connection) { setPaused(connection, false); }
    /// Stops measuring a connection that ends or changes its protocol.
    void forget(TcpConnection& connection);
    /// `total`: the bytes that wait for all clients of all loops. If they exceed
    /// Options::outputBytesMax, ends clients of this loop until they do not: first those that took
    /// nothing for longest, of equal ones those for which most waits. Returns whether it ended any.
    bool relieve(std::uint64_t total);

private:
    /// How a connection takes its output, while its transport does not take all of it.
    struct Backlog {
        engineio::Pace pace;
        std::size_t written = 0;         ///< to the transport since the last look
        std::size_t unacknowledged = 0;  ///< by the peer, at the last look
    };
    /// Something that waits for a client: a connection's outbox, or a polling session's queue.
    struct Debt {
        Millis movedAt{0};
        std::size_t bytes = 0;
        std::uint64_t connection = 0;  ///< 0: a polling session's
        ConnectionId session{};
    };
    Backlog& remember(TcpConnection& connection);
    void limitOutbox(TcpConnection& connection);
    void setPaused(TcpConnection& connection, bool paused);
    void look(const TcpConnection& connection, Backlog& backlog, Millis now);
    std::vector<Debt> debts();
    void end(const Debt& debt);

    const Options& options_;
    const Clock& clock_;
    Connections& connections_;
    LoopCounters& counters_;
    WebSocketProtocol* webSockets_ = nullptr;
    engineio::Endpoint* engine_ = nullptr;
    std::unordered_map<std::uint64_t, Backlog> backlogs_;  // by connection
};

}  // namespace parley::net
