#include "net/io_loop.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <vector>

/// Clients that do not take what they are sent. Slow is a matter of time: each has its own, nobody
/// waits for another one's, and who holds most of what all may hold together goes first.
namespace parley::net {
namespace {

constexpr std::string_view kSlowClientReason = "reads too slowly";
/// From one look at a client that is owed something to the next.
Millis lookPause(Millis patience) {
    constexpr Millis kPauseMax{1'000};
    return std::clamp(patience / 5, Millis{1}, kPauseMax);
}

/// Something that waits for a client: a connection's outbox, or a polling session's queue.
struct Debtor {
    Millis movedAt{0};
    std::size_t bytes = 0;
    ConnectionId client;       ///< of a polling session
    std::uint64_t socket = 0;  ///< of a connection
    int endpoint = -1;         ///< of a session; -1: a connection
};

}  // namespace

std::size_t IoLoop::backlogBytes(engineio::SocketNumber socket) {
    const Connection* connection = connections_.find(socket);
    return connection ? connection->outbox.bytesWaiting() : 0;
}

std::size_t IoLoop::unreadBytes(engineio::RequestNumber request) {
    const Connection* connection = connections_.findBySlotOf(request);
    // A connection is numbered before its requests: a later one has taken over the slot.
    if (!connection || connection->number > request) return 0;
    return connection->outbox.bytes() + unacknowledged(connection->socket);
}

/// After a flush: begins or ends what is remembered of a connection that does not take all, and
/// whether it is read.
void IoLoop::watchBacklog(Connection& connection) {
    const bool webSocket = connection.state == ConnectionState::webSocket;
    if (connection.outbox.empty()) {
        if (webSocket) deadlines_.set(connection, Millis{0});
        setPaused(connection, false);
        connection.backlog.reset();
        return;
    }
    if (!connection.backlog) {
        const Millis now = shared_.clock.monotonic();
        connection.backlog = std::make_unique<Backlog>(
            Backlog{engineio::Pace(now), 0, unacknowledged(connection.socket)});
        const Millis patience = endpointOptions(connection.endpoint).stalled;
        if (webSocket) deadlines_.set(connection, now + lookPause(patience));
    }
    if (!webSocket) return;
    const std::size_t max = shared_.options.outboxBytesMax;
    if (connection.paused) {
        if (connection.outbox.bytesWaiting() <= max / 2) setPaused(connection, false);
        return;
    }
    if (connection.outbox.bytesWaiting() <= max) return;
    framesDropped_ += connection.outbox.dropDroppable(pool_);
    if (connection.outbox.bytesWaiting() > max) setPaused(connection, true);
}

/// A client that is owed too much is asked for no more: its next requests stay in the network until
/// it has taken half of its limit. Only a WebSocket is ever paused.
void IoLoop::setPaused(Connection& connection, bool paused) {
    if (connection.paused == paused) return;
    connection.paused = paused;
    paused ? ++clientsPaused_ : --clientsPaused_;
    const Millis now = shared_.clock.monotonic();
    lookAtBacklog(connection, now);
    connection.backlog->pace.setOver(paused, now);
    if (!connection.engineTold) {
        engines_[connection.endpoint]->onWebSocketPaused(connection.number, paused);
    }
}

/// Sees what the client took since the last look. What the kernel took on the client's behalf says
/// little: it may hold megabytes. What the client's side acknowledged counts.
void IoLoop::lookAtBacklog(Connection& connection, Millis now) {
    Backlog& backlog = *connection.backlog;
    const std::size_t left = unacknowledged(connection.socket);
    const std::size_t owed = std::exchange(backlog.unacknowledged, left) +
                             std::exchange(backlog.written, std::size_t{0});
    if (owed > left) backlog.pace.took(owed - left, now);
}

void IoLoop::judgeBacklog(Connection& connection) {
    if (!connection.backlog) return;
    const Millis now = shared_.clock.monotonic();
    const Millis patience = endpointOptions(connection.endpoint).stalled;
    lookAtBacklog(connection, now);
    if (connection.backlog->pace.isTooSlow(now, patience)) return closeSlow(connection);
    deadlines_.set(connection, now + lookPause(patience));
}

/// Only the frame that was begun is still sent, and why the connection ends. A client that does not
/// even read that is gone when its time to finish is over.
void IoLoop::closeSlow(Connection& connection) {
    ++slowClients_;
    logger().warn("slow_client_closed bytes_waiting={}", connection.outbox.bytes());
    connection.outbox.dropWaiting(pool_);
    tellEngine(connection, engineio::CloseReason::slowClient);
    sendClose(connection, close_code::policy, kSlowClientReason);
}

/// What waits for all clients, those of this loop as it is now.
std::uint64_t IoLoop::outputBytes() const {
    std::uint64_t bytes = service_->bytesHeld() + pool_.bytes;
    for (const auto& engine : engines_) bytes += engine->counters().queuedBytes;
    for (const IoLoop* loop : shared_.loops) {
        bytes += loop->mailbox().bytes;
        if (loop != this) bytes += loop->counters().outboxBytes.load(std::memory_order_relaxed);
    }
    return bytes;
}

/// Where more waits than all may hold together, ends clients of this loop until it does not: those
/// that took nothing for longest, then those for which most waits. They end without a word, as what
/// was begun could not be taken back. Whether there were any.
bool IoLoop::relieve() {
    const std::uint64_t total = outputBytes();
    if (total <= shared_.options.outputBytesMax) return false;
    const Millis now = shared_.clock.monotonic();
    std::vector<Debtor> debtors;
    connections_.forEach([&](Connection& connection) {
        if (!connection.backlog || connection.doomed) return;
        lookAtBacklog(connection, now);
        debtors.push_back(
            {connection.backlog->pace.movedAt(), connection.outbox.bytes(), {}, connection.number});
    });
    for (std::size_t i = 0; i < engines_.size(); ++i) {
        for (const auto& session : engines_[i]->waiting()) {
            debtors.push_back(
                {session.movedAt, session.bytes, session.number, 0, static_cast<int>(i)});
        }
    }
    std::sort(debtors.begin(), debtors.end(), [](const Debtor& a, const Debtor& b) {
        return a.movedAt != b.movedAt ? a.movedAt < b.movedAt : a.bytes > b.bytes;
    });
    std::uint64_t left = total;
    std::size_t ended = 0;
    for (; ended < debtors.size() && left > shared_.options.outputBytesMax; ++ended) {
        const Debtor& debtor = debtors[ended];
        left -= std::min<std::uint64_t>(left, debtor.bytes);
        ++slowClients_;
        if (debtor.endpoint >= 0) {
            engines_[static_cast<std::size_t>(debtor.endpoint)]->close(
                debtor.client, engineio::CloseReason::slowClient);
            continue;
        }
        Connection& connection = *connections_.find(debtor.socket);
        tellEngine(connection, engineio::CloseReason::slowClient);
        doom(connection);
    }
    if (ended == 0) return false;
    logger().warn("slow_clients_closed count={} bytes_waiting={} bytes_max={}", ended, total,
                  shared_.options.outputBytesMax);
    return true;
}

}  // namespace parley::net
