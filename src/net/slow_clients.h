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

/// Clients of one loop that do not take what they are sent. Slow is a matter of time: each client
/// has its own, nobody waits for another one's, and where all together are owed too much, those end
/// first that took nothing for longest. The loop's thread.
class SlowClients {
public:
    /// REQUIRES: all of them outlive it.
    SlowClients(const Options& options, const Clock& clock, Connections& connections,
                LoopCounters& counters);
    void watch(WebSocketProtocol& webSockets, engineio::Endpoint& engine);

    /// After the outbox was looked at, see Protocol::flushed: begins or ends what is remembered of
    /// the connection, and whether a WebSocket is read.
    void flushed(TcpConnection& connection, std::optional<std::size_t> written);
    /// The time has come to look whether a WebSocket takes what it is owed.
    void judge(TcpConnection& connection);
    /// A WebSocket that ends, or has taken enough, is read again.
    void resume(TcpConnection& connection) { setPaused(connection, false); }
    /// The connection ends: nothing is remembered of it.
    void forget(TcpConnection& connection);
    /// Where `total` bytes wait for all clients of all loops and that is too much, ends clients of
    /// this loop until it is not: those that took nothing for longest, then those for which most
    /// waits. Whether there were any.
    bool relieve(std::uint64_t total);

private:
    /// How a connection takes what was sent to it, while its transport does not take all.
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
