#include "net/connections.h"

#include "net/http_connection.h"

#include <parley/core/logging.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace parley::net {
namespace {

constexpr std::size_t kReadBufferBytes = 64 * 1024;
constexpr int kReadsATurn = 4;  // of one connection; then the others have their turn
constexpr Millis kFinishTimeout{5'000};
constexpr Millis kLingerTimeout{1'000};

bool isOpen(const TcpConnection& connection) {
    return connection.state == ConnectionState::http ||
           connection.state == ConnectionState::webSocket;
}

/// Whether more should be read now. Input after the end is read too, and thrown away.
bool reads(const TcpConnection& connection) {
    if (connection.readClosed) return false;
    return !isOpen(connection) || !(connection.paused || connection.stalled);
}

}  // namespace

TcpConnection::TcpConnection(std::unique_ptr<Transport> over, ClientAddress peer)
    : transport(std::move(over)), address(peer) {}

TcpConnection::~TcpConnection() = default;

Connections::Connections(LoopIndex loop, const Clock& clock, EpollSet& epoll,
                         LoopCounters& counters, std::size_t handshakesATurn, OnRemoved onRemoved)
    : clock_(clock),
      epoll_(epoll),
      counters_(counters),
      onRemoved_(std::move(onRemoved)),
      slots_(loop),
      handshakes_(handshakesATurn),
      readBuffer_(kReadBufferBytes) {}

void Connections::speak(AnsweringProtocol& http, Protocol& webSocket) {
    http_ = &http;
    webSocket_ = &webSocket;
}

bool Connections::adopt(std::unique_ptr<TcpConnection> connection) {
    TcpConnection& added = *connection;
    added.events = EPOLLIN;
    added.armed = added.deadline = Millis{0};
    if (!slots_.add(connection)) {  // beyond any connectionsMax
        onRemoved_(connection);
        return false;
    }
    if (!epoll_.addConnection(added.transport->descriptor(), added.number, added.events)) {
        logger().warn("net_epoll_failed error={}", std::generic_category().message(errno));
        connection = slots_.remove(added.number);
        onRemoved_(connection);
        return false;
    }
    markDirty(added);
    return true;
}

void Connections::markDirty(TcpConnection& connection) {
    if (connection.dirty) return;
    connection.dirty = true;
    dirty_.push_back(connection.number);
}

void Connections::drop(TcpConnection& connection) {
    if (connection.dropped) return;
    connection.dropped = true;
    dropped_.push_back(connection.number);
}

void Connections::finish(TcpConnection& connection) {
    if (!isOpen(connection)) return;
    connection.state = ConnectionState::finishing;
    setDeadline(connection, clock_.monotonic() + kFinishTimeout);
    markDirty(connection);
}

// ---- input

/// Ends the one connection for which `handle` throws.
template <typename Handle>
void Connections::guarded(TcpConnection& connection, const Handle& handle) {
    try {
        handle();
    } catch (const std::exception& error) {
        logger().error("net_connection_failed error={}", error.what());
        drop(connection);
    }
}

void Connections::handle(std::uint64_t number, std::uint32_t events) {
    TcpConnection* connection = find(number);
    if (!connection || connection->dropped) return;
    guarded(*connection, [&] {
        if (events & (EPOLLERR | EPOLLHUP)) {
            // Both directions are gone. What had arrived before is still read.
            if (!connection->readClosed) read(*connection);
            drop(*connection);
            return;
        }
        const Wants wants = connection->transport->wants();
        if (events & wants.toWrite) {
            connection->blocked = false;
            markDirty(*connection);
        }
        // `readRemaining` comes later in the turn: no connection is read twice in it.
        if ((events & wants.toRead) && !connection->listedUnread && reads(*connection)) {
            read(*connection);
        }
    });
}

void Connections::readRemaining() {
    handshakes_.takeUpDeferred();
    std::swap(reading_, unread_);
    for (const std::uint64_t number : reading_) {
        TcpConnection* connection = find(number);
        if (!connection) continue;
        connection->listedUnread = false;
        if (connection->dropped || !reads(*connection)) continue;
        guarded(*connection, [&] { read(*connection); });
    }
    reading_.clear();
}

void Connections::read(TcpConnection& connection) {
    markDirty(connection);
    if (connection.handshaking && !shakeHands(connection)) return;
    for (int i = 0; i < kReadsATurn && !connection.dropped; ++i) {
        const ReadResult result = connection.transport->read(readBuffer_);
        connection.undrained = result.status == IoStatus::ok && !result.drained;
        if (result.status == IoStatus::again) return;
        if (result.status == IoStatus::closed) return onReadClosed(connection);
        LoopCounters::add(counters_.bytesIn, result.bytes);
        if (isOpen(connection) && result.bytes > 0) {
            protocolOf(connection).receive(connection, {readBuffer_.data(), result.bytes});
        }
        if (result.drained || !reads(connection)) return;
    }
}

/// Whether the handshake is done, so that there may be something to read.
bool Connections::shakeHands(TcpConnection& connection) {
    using State = HandshakeStep::State;
    const HandshakeStep step = connection.transport->shakeHands(handshakes_.maySign());
    if (step.isSigned) handshakes_.noteSigned();
    connection.undrained = step.state == State::deferred;
    switch (step.state) {
        case State::waits: return false;
        case State::deferred: handshakes_.noteDeferred(); return false;
        case State::failed:
            connection.handshaking = false;
            LoopCounters::add(counters_.handshakesFailed, 1);
            finish(connection);
            return false;
        case State::done: break;
    }
    connection.handshaking = false;
    LoopCounters::add(step.isResumed ? counters_.handshakesResumed : counters_.handshakesFull, 1);
    return true;
}

/// Requests that are being worked on are still answered, and a finishing connection still sends
/// what is queued.
void Connections::onReadClosed(TcpConnection& connection) {
    connection.readClosed = true;
    const bool goesOn = isOpen(connection) ? protocolOf(connection).onReadClosed(connection)
                                           : connection.state == ConnectionState::finishing &&
                                                 !connection.outbox.empty();
    if (!goesOn) drop(connection);
}

// ---- output, and what the turn ends

void Connections::settleAll() {
    // A service that is told of a connection's end may produce output for others, and so on.
    while (!dirty_.empty() || !dropped_.empty()) {
        std::swap(settling_, dirty_);
        for (const std::uint64_t number : settling_) {
            TcpConnection* connection = find(number);
            if (!connection) continue;
            connection->dirty = false;
            guarded(*connection, [&] { settle(*connection); });
        }
        settling_.clear();
        const std::vector<std::uint64_t> ended = std::exchange(dropped_, {});
        for (const std::uint64_t number : ended) destroy(number);
    }
}

void Connections::settle(TcpConnection& connection) {
    if (connection.dropped) return;
    if (connection.state == ConnectionState::http) http_->fillOutbox(connection);
    flush(connection);
    if (connection.dropped) return;
    if (connection.state == ConnectionState::http) http_->settled(connection);
    if (connection.dropped || connection.dirty) return;
    endOutput(connection);
    if (!connection.dropped) updateEvents(connection);
}

void Connections::flush(TcpConnection& connection) {
    if (connection.outbox.empty()) return;
    std::optional<std::size_t> written;
    if (!connection.blocked) {
        std::uint64_t frames = 0;
        const WriteResult result = connection.outbox.flush(*connection.transport, pool_, frames);
        LoopCounters::add(counters_.bytesOut, result.bytes);
        if (connection.state == ConnectionState::webSocket) {
            LoopCounters::add(counters_.framesOut, frames);
        }
        if (result.status == IoStatus::closed) return drop(connection);
        connection.blocked = !connection.outbox.empty();
        written = result.bytes;
    }
    const bool all = !connection.blocked && !connection.owed;
    if (connection.http || !all) protocolOf(connection).flushed(connection, written);
}

/// Once everything is sent: ends the output, and gives the peer time to read it and to close.
void Connections::endOutput(TcpConnection& connection) {
    if (connection.state != ConnectionState::finishing || !connection.outbox.empty()) return;
    if (connection.readClosed) return drop(connection);
    const IoStatus status = connection.transport->finish();
    if (status == IoStatus::again) return;  // the next settle tries again
    if (status == IoStatus::closed) return drop(connection);
    connection.state = ConnectionState::lingering;
    setDeadline(connection, clock_.monotonic() + kLingerTimeout);
}

void Connections::updateEvents(TcpConnection& connection) {
    const Wants wants = connection.transport->wants();
    std::uint32_t wanted = 0;
    if (reads(connection)) {
        wanted |= wants.toRead;
        if (connection.undrained && !connection.listedUnread) {
            connection.listedUnread = true;
            unread_.push_back(connection.number);
        }
    }
    if (!connection.outbox.empty() || connection.state == ConnectionState::finishing) {
        wanted |= wants.toWrite;
    }
    if (wanted == connection.events) return;
    if (!epoll_.changeConnection(connection.transport->descriptor(), connection.number, wanted)) {
        return drop(connection);
    }
    connection.events = static_cast<std::uint8_t>(wanted);
}

void Connections::runDeadlines(Millis now) {
    while (TcpConnection* connection = deadlines_.popDue(now)) {
        if (isOpen(*connection)) {
            protocolOf(*connection).onDeadline(*connection);
        } else {
            drop(*connection);
        }
    }
}

void Connections::destroy(std::uint64_t number) {
    // Taken out of the slots first: calls of the services from here on must not find it.
    std::unique_ptr<TcpConnection> connection = slots_.remove(number);
    if (!connection) return;
    epoll_.remove(connection->transport->descriptor());
    if (connection->handshaking) LoopCounters::add(counters_.handshakesFailed, 1);
    connection->dropped = connection->dirty = connection->listedUnread = false;
    onRemoved_(connection);
    if (!connection) return;
    connection->outbox.clear(pool_);
    protocolOf(*connection).ended(*connection);
}

}  // namespace parley::net
