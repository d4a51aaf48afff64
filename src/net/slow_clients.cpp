#include "net/slow_clients.h"

#include "net/web_socket_protocol.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace parley::net {
namespace {

/// The time between two looks at a client with a backlog.
Millis pauseBetweenLooks(Millis patience) {
    constexpr Millis kPauseMax{1'000};
    return std::clamp(patience / 5, Millis{1}, kPauseMax);
}

}  // namespace

SlowClients::SlowClients(const Options& options, const Clock& clock, Connections& connections,
                         LoopCounters& counters)
    : options_(options), clock_(clock), connections_(connections), counters_(counters) {}

void SlowClients::watch(WebSocketProtocol& webSockets, engineio::Endpoint& engine) {
    webSockets_ = &webSockets;
    engine_ = &engine;
}

void SlowClients::flushed(TcpConnection& connection, std::optional<std::size_t> written) {
    if (connection.owed) backlogs_.at(connection.number).written += written.value_or(0);
    // Only after a write: before it, the output of one turn would count against a healthy client.
    if (!connection.blocked && !connection.owed) return;
    const bool webSocket = connection.state == ConnectionState::webSocket;
    if (connection.outbox.empty()) {
        if (webSocket) connections_.setDeadline(connection, Millis{0});
        forget(connection);
        return;
    }
    remember(connection);
    if (webSocket) limitOutbox(connection);
}

SlowClients::Backlog& SlowClients::remember(TcpConnection& connection) {
    const auto known = backlogs_.find(connection.number);
    if (known != backlogs_.end()) return known->second;
    const Millis now = clock_.monotonic();
    if (connection.state == ConnectionState::webSocket) {
        connections_.setDeadline(connection, now + pauseBetweenLooks(options_.engineio.stalled));
    }
    connection.owed = true;
    return backlogs_
        .emplace(connection.number,
                 Backlog{engineio::Pace(now), 0, connection.transport->unacknowledged()})
        .first->second;
}

/// Enforces Options::outboxBytesMax: drops droppable frames, and stops reading until half is left.
void SlowClients::limitOutbox(TcpConnection& connection) {
    const std::size_t max = options_.outboxBytesMax;
    Outbox& outbox = connection.outbox;
    if (connection.paused) {
        if (outbox.bytesWaiting() <= max / 2) setPaused(connection, false);
        return;
    }
    if (outbox.bytesWaiting() <= max) return;
    LoopCounters::add(counters_.framesDropped, outbox.dropDroppable(connections_.pool()));
    if (outbox.bytesWaiting() > max) setPaused(connection, true);
}

/// Stops reading a client for which too much waits: its next requests stay in the network until
/// half of the limit is left. Only a WebSocket is ever paused.
void SlowClients::setPaused(TcpConnection& connection, bool paused) {
    if (connection.paused == paused) return;
    connection.paused = paused;
    LoopCounters::add(counters_.clientsPaused, paused ? 1 : ~std::uint64_t{0});
    const Millis now = clock_.monotonic();
    Backlog& backlog = remember(connection);
    look(connection, backlog, now);
    backlog.pace.setOver(paused, now);
    webSockets_->paused(connection, paused);
}

/// Measures what the client took since the last look: what its side acknowledged, not what the
/// kernel took on its behalf, which may be megabytes.
void SlowClients::look(const TcpConnection& connection, Backlog& backlog, Millis now) {
    const std::size_t left = connection.transport->unacknowledged();
    const std::size_t owed = std::exchange(backlog.unacknowledged, left) +
                             std::exchange(backlog.written, std::size_t{0});
    if (owed > left) backlog.pace.took(owed - left, now);
}

void SlowClients::judge(TcpConnection& connection) {
    if (!connection.owed) return;
    Backlog& backlog = backlogs_.at(connection.number);
    const Millis now = clock_.monotonic();
    const Millis patience = options_.engineio.stalled;
    look(connection, backlog, now);
    if (!backlog.pace.isTooSlow(now, patience)) {
        connections_.setDeadline(connection, now + pauseBetweenLooks(patience));
        return;
    }
    LoopCounters::add(counters_.slowClientsClosed, 1);
    logger().warn("slow_client_closed bytes_waiting={}", connection.outbox.bytes());
    webSockets_->closeSlow(connection);
}

void SlowClients::forget(TcpConnection& connection) {
    setPaused(connection, false);
    if (connection.owed) backlogs_.erase(connection.number);
    connection.owed = false;
}

std::vector<SlowClients::Debt> SlowClients::debts() {
    const Millis now = clock_.monotonic();
    std::vector<Debt> debts;
    for (auto& [number, backlog] : backlogs_) {
        const TcpConnection* connection = connections_.find(number);
        if (!connection || connection->dropped) continue;
        look(*connection, backlog, now);
        debts.push_back({.movedAt = backlog.pace.movedAt(),
                         .bytes = connection->outbox.bytes(),
                         .connection = number});
    }
    for (const auto& session : engine_->waiting()) {
        debts.push_back(
            {.movedAt = session.movedAt, .bytes = session.bytes, .session = session.number});
    }
    std::sort(debts.begin(), debts.end(), [](const Debt& a, const Debt& b) {
        return a.movedAt != b.movedAt ? a.movedAt < b.movedAt : a.bytes > b.bytes;
    });
    return debts;
}

/// Ends a client without a close frame: behind a frame that was begun, none could be sent.
void SlowClients::end(const Debt& debt) {
    LoopCounters::add(counters_.slowClientsClosed, 1);
    if (debt.connection == 0) {
        engine_->close(debt.session, engineio::CloseReason::slowClient);
        return;
    }
    TcpConnection& connection = *connections_.find(debt.connection);
    if (!connection.http) webSockets_->tellEngine(connection, engineio::CloseReason::slowClient);
    connections_.drop(connection);
}

bool SlowClients::relieve(std::uint64_t total) {
    if (total <= options_.outputBytesMax) return false;
    std::uint64_t left = total;
    std::size_t ended = 0;
    for (const Debt& debt : debts()) {
        if (left <= options_.outputBytesMax) break;
        left -= std::min<std::uint64_t>(left, debt.bytes);
        end(debt);
        ++ended;
    }
    if (ended == 0) return false;
    logger().warn("slow_clients_closed count={} bytes_waiting={} bytes_max={}", ended, total,
                  options_.outputBytesMax);
    return true;
}

}  // namespace parley::net
