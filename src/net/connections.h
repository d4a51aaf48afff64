#pragma once

#include "net/connection_slots.h"
#include "net/deadlines.h"
#include "net/epoll_set.h"
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

/// The life of one loop's connections, whatever they speak: adopted, read, settled, destroyed. What
/// a turn does to a connection is written at the turn's end, once. The loop's thread.
class Connections {
public:
    /// Told of each connection that ended, before it is destroyed; one that only leaves for another
    /// loop is to be taken out of `connection`.
    using OnRemoved = std::function<void(std::unique_ptr<TcpConnection>& connection)>;

    /// REQUIRES: all of them outlive it.
    Connections(LoopIndex loop, const Clock& clock, EpollSet& epoll, LoopCounters& counters,
                OnRemoved onRemoved);
    /// Once, before the first connection.
    void speak(AnsweringProtocol& http, Protocol& webSocket);

    /// A connection that is new here. Null afterwards; where the kernel or a limit refuses it,
    /// OnRemoved hears of it first. Whether it is here now.
    bool adopt(std::unique_ptr<TcpConnection> connection);
    /// Null when it is not here (any more).
    TcpConnection* find(std::uint64_t number) const { return slots_.find(number); }
    /// The connection that asked `request`, or a later one that took its place.
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

    /// What epoll reports of a connection.
    void handle(std::uint64_t number, std::uint32_t events);
    /// Reads those that had more than their last turn allowed. REQUIRES: after every `handle` of
    /// the turn.
    void readRemaining();
    /// Whether `readRemaining` has something to do: then the loop does not wait.
    bool hasUnread() const { return !unread_.empty(); }

    /// Settled at the end of the turn, in the order of the first call.
    void markDirty(TcpConnection& connection);
    /// Destroyed at the end of the turn: nothing is read or written any more.
    void drop(TcpConnection& connection);
    /// Says nothing more than what is queued, then ends the connection in order.
    void finish(TcpConnection& connection);
    /// Writes what the turn produced, destroys what it ended, and so on until nothing is left.
    void settleAll();

    /// In place of the deadline it had; 0: none.
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
    OutboxPool pool_;
    std::vector<char> readBuffer_;
    std::vector<std::uint64_t> dirty_;
    std::vector<std::uint64_t> settling_;
    std::vector<std::uint64_t> dropped_;
    std::vector<std::uint64_t> unread_;   // to be read in the next turn
    std::vector<std::uint64_t> reading_;  // in this one
};

}  // namespace parley::net
