#pragma once

#include "net/connection_slots.h"
#include "net/deadlines.h"
#include "net/epoll_set.h"
#include "net/handshake_turns.h"
#include "net/loop_counters.h"
#include "net/outbox.h"
#include "net/protocol.h"
#include "net/tcp_connection.h"

#include <parley/core/clock.h>
#include <parley/core/numbers.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace parley::net {

/// The life of one loop's TCP connections, whatever they speak: adopted, read, settled, destroyed.
/// Output that a turn produces for a connection is written once, at the turn's end. The loop's
/// thread.
class Connections {
public:
    /// Called for each connection that ended, before it is destroyed. A connection that moves to
    /// another loop is taken out of `connection` here.
    using OnRemoved = std::function<void(std::unique_ptr<TcpConnection>& connection)>;

    /// REQUIRES: all of them outlive it. `handshakesATurn`: see TlsOptions.
    Connections(LoopIndex loop, const Clock& clock, EpollSet& epoll, LoopCounters& counters,
                std::size_t handshakesATurn, OnRemoved onRemoved);
    /// Once, before the first connection.
    void speak(AnsweringProtocol& http, Protocol& webSocket);

    /// Takes over a connection that is new to the loop. False where the kernel or a limit refuses
    /// it: then OnRemoved has been called, and it is destroyed.
    bool adopt(std::unique_ptr<TcpConnection> connection);
    /// Null when it is not here (any more).
    TcpConnection* find(std::uint64_t number) const { return slots_.find(number); }
    /// The connection that sent `request`, or a later one in the same slot; null for neither.
    TcpConnection* findAsking(std::uint64_t request) const { return slots_.findBySlotOf(request); }
    /// A number for a request of `connection`, unique in the process.
    std::uint64_t newRequestNumber(const TcpConnection& connection) {
        return slots_.newNumber(connection.number);
    }
    std::size_t count() const { return slots_.count(); }
    template <typename Visit>
    void forEach(const Visit& visit) const {
        slots_.forEach(visit);
    }

    /// Before the turn's first `handle`.
    void beginTurn() { handshakes_.begin(); }
    /// Handles what epoll reports of a connection.
    void handle(std::uint64_t number, std::uint32_t events);
    /// Reads the connections that had more input than their last turn allowed them. REQUIRES: after
    /// every `handle` of the turn.
    void readRemaining();
    /// Whether `readRemaining` has work for the next turn: then the loop must not wait.
    bool hasUnread() const { return !unread_.empty(); }

    /// Lets the turn's end settle the connection; in the order of the first calls.
    void markDirty(TcpConnection& connection);
    /// Lets the turn's end destroy the connection: nothing more is read or written.
    void drop(TcpConnection& connection);
    /// Sends what is queued and nothing more, then ends the connection in order.
    void finish(TcpConnection& connection);
    /// Writes what the turn produced and destroys what it ended, until nothing is left of either.
    void settleAll();

    /// Replaces the connection's deadline; 0: none.
    void setDeadline(TcpConnection& connection, Millis deadline) {
        deadlines_.set(connection, deadline);
    }
    void runDeadlines(Millis now);
    const Deadlines& deadlines() const { return deadlines_; }
    OutboxPool& pool() { return pool_; }

private:
    Protocol& protocolOf(const TcpConnection& connection) {
        return connection.http ? static_cast<Protocol&>(*http_) : *webSocket_;
    }
    void read(TcpConnection& connection);
    bool shakeHands(TcpConnection& connection);
    void onReadClosed(TcpConnection& connection);
    template <typename Handle>
    void guarded(TcpConnection& connection, const Handle& handle);
    void settle(TcpConnection& connection);
    void flush(TcpConnection& connection);
    void endOutput(TcpConnection& connection);
    void updateEvents(TcpConnection& connection);
    void destroy(std::uint64_t number);

    const Clock& clock_;
    EpollSet& epoll_;
    LoopCounters& counters_;
    const OnRemoved onRemoved_;
    AnsweringProtocol* http_ = nullptr;
    Protocol* webSocket_ = nullptr;
    ConnectionSlots slots_;
    Deadlines deadlines_{slots_};
    HandshakeTurns handshakes_;
    OutboxPool pool_;
    std::vector<char> readBuffer_;
    std::vector<std::uint64_t> dirty_;
    std::vector<std::uint64_t> settling_;
    std::vector<std::uint64_t> dropped_;
    std::vector<std::uint64_t> unread_;   // for the next turn's readRemaining
    std::vector<std::uint64_t> reading_;  // for this turn's
};

}  // namespace parley::net
