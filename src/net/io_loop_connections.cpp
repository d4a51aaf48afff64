#include "net/io_loop.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

/// The life of a loop's connections, whatever they speak: adopted, read, settled, destroyed.
namespace parley::net {
namespace {

constexpr int kReadsAnEvent = 4;  // then the others have their turn; epoll reports the rest again
constexpr Millis kFinishTimeout{5'000};
constexpr Millis kLingerTimeout{1'000};

int descriptorOf(const Connection& connection) {
    return connection.socket.impl()->sockfd();
}

}  // namespace

void IoLoop::adopt(std::unique_ptr<Connection> connection) {
    Connection& added = *connection;
    added.events = EPOLLIN;
    added.armed = added.deadline = Millis{0};
    if (!connections_.add(connection)) return forget(*connection);  // beyond any connectionsMax
    if (!epoll_.addConnection(descriptorOf(added), added.number, added.events)) {
        logger().warn("net_epoll_failed error={}", std::generic_category().message(errno));
        forget(added);
        connections_.remove(added.number);
        return;
    }
    if (!added.http) added.http = std::make_unique<HttpState>();
    added.http->phase = HttpPhase::none;
    if (stopping_) added.http->last = true;
    markDirty(added);
    if (!added.http->rest.empty()) processHttp(added, {});
}

/// The connection is one of this server's no more.
void IoLoop::forget(const Connection& connection) {
    shared_.connectionsOpen.fetch_sub(1);
    if (shared_.options.connectionsPerAddressMax > 0) {
        shared_.addresses.leave(connection.address);
    }
}

void IoLoop::markDirty(Connection& connection) {
    if (connection.dirty) return;
    connection.dirty = true;
    dirty_.push_back(connection.number);
}

void IoLoop::doom(Connection& connection) {
    if (connection.doomed) return;
    connection.doomed = true;
    doomed_.push_back(connection.number);
}

/// Nothing more is said after what is queued.
void IoLoop::finish(Connection& connection) {
    if (connection.state == ConnectionState::finishing ||
        connection.state == ConnectionState::lingering) {
        return;
    }
    setPaused(connection, false);
    connection.state = ConnectionState::finishing;
    deadlines_.set(connection, shared_.clock.monotonic() + kFinishTimeout);
    markDirty(connection);
}

void IoLoop::handleEvent(std::uint64_t number, std::uint32_t events) {
    Connection* connection = connections_.find(number);
    if (!connection || connection->doomed) return;
    try {
        if (events & (EPOLLERR | EPOLLHUP)) {
            // Both directions are gone. What had arrived before may still be of use.
            if (!connection->readClosed) readFrom(*connection);
            doom(*connection);
            return;
        }
        if (events & EPOLLOUT) {
            connection->blocked = false;
            markDirty(*connection);
        }
        if (events & EPOLLIN) readFrom(*connection);
    } catch (const std::exception& error) {
        logger().error("net_connection_failed error={}", error.what());
        doom(*connection);
    }
}

void IoLoop::readFrom(Connection& connection) {
    markDirty(connection);
    for (int i = 0; i < kReadsAnEvent && !connection.doomed; ++i) {
        const IoResult result = readSome(connection.socket, readBuffer_.data(), readBuffer_.size());
        if (result.status == IoStatus::again) return;
        if (result.status == IoStatus::closed) {
            onReadClosed(connection);
            return;
        }
        counters_.bytesIn.fetch_add(result.bytes, std::memory_order_relaxed);
        const std::string_view bytes(readBuffer_.data(), result.bytes);
        if (connection.state == ConnectionState::http) {
            processHttp(connection, bytes);
        } else if (connection.state == ConnectionState::webSocket) {
            processWebSocket(connection, bytes);
        }
        if (result.bytes < readBuffer_.size()) return;
        if (connection.http && connection.http->stalled) return;
    }
}

/// The peer sends no more. Plain requests that are being worked on are still answered.
void IoLoop::onReadClosed(Connection& connection) {
    connection.readClosed = true;
    const bool answering =
        connection.state == ConnectionState::http &&
        (!connection.outbox.empty() || !connection.http->pending.empty()) &&
        std::none_of(
            connection.http->pending.begin(), connection.http->pending.end(),
            [](const PendingAnswer& pending) { return pending.endpoint >= 0 && !pending.ready; });
    const bool flushing =
        connection.state == ConnectionState::finishing && !connection.outbox.empty();
    if (answering) connection.http->last = true;
    if (!answering && !flushing) doom(connection);
}

void IoLoop::settleAll() {
    // Telling services that a connection ended may produce output for others, and so on.
    while (!dirty_.empty() || !doomed_.empty()) {
        std::swap(settling_, dirty_);
        for (const std::uint64_t number : settling_) {
            Connection* connection = connections_.find(number);
            if (!connection) continue;
            connection->dirty = false;
            try {
                settle(*connection);
            } catch (const std::exception& error) {
                logger().error("net_connection_failed error={}", error.what());
                doom(*connection);
            }
        }
        settling_.clear();
        const std::vector<std::uint64_t> ended = std::exchange(doomed_, {});
        for (const std::uint64_t number : ended) destroy(number);
    }
}

void IoLoop::settle(Connection& connection) {
    if (connection.doomed) return;
    if (connection.state == ConnectionState::http) {
        settleHttp(connection);
    } else {
        flush(connection);
    }
    if (connection.doomed || connection.dirty) return;
    if (connection.state == ConnectionState::finishing && connection.outbox.empty()) {
        if (connection.readClosed) {
            doom(connection);
            return;
        }
        endSending(connection.socket);
        connection.state = ConnectionState::lingering;
        deadlines_.set(connection, shared_.clock.monotonic() + kLingerTimeout);
    }
    updateEvents(connection);
}

void IoLoop::flush(Connection& connection) {
    if (connection.outbox.empty()) return;
    if (!connection.blocked) {
        std::uint64_t frames = 0;
        const IoResult result = connection.outbox.flush(connection.socket, pool_, frames);
        counters_.bytesOut.fetch_add(result.bytes, std::memory_order_relaxed);
        if (connection.state == ConnectionState::webSocket) {
            counters_.framesOut.fetch_add(frames, std::memory_order_relaxed);
        }
        if (result.status == IoStatus::closed) {
            doom(connection);
            return;
        }
        connection.blocked = !connection.outbox.empty();
        if (connection.backlog) connection.backlog->written += result.bytes;
        if (connection.http) updateHttpDeadline(connection, result.bytes > 0);
    }
    // After a flush only: before it, what one turn produced would count against a healthy client.
    if (connection.blocked || connection.backlog) watchBacklog(connection);
}

void IoLoop::updateEvents(Connection& connection) {
    std::uint32_t wanted = 0;
    const bool paused =
        connection.state == ConnectionState::http ? connection.http->stalled : connection.paused;
    if (!connection.readClosed && !paused) wanted |= EPOLLIN;
    if (!connection.outbox.empty()) wanted |= EPOLLOUT;
    if (wanted == connection.events) return;
    if (!epoll_.changeConnection(descriptorOf(connection), connection.number, wanted)) {
        doom(connection);
        return;
    }
    connection.events = wanted;
}

void IoLoop::onDeadline(Connection& connection) {
    const HttpPhase phase = connection.http && connection.state == ConnectionState::http
                                ? connection.http->phase
                                : HttpPhase::none;
    if (connection.state == ConnectionState::webSocket) return judgeBacklog(connection);
    if (phase == HttpPhase::head || phase == HttpPhase::body) {
        counters_.count(phase == HttpPhase::head ? Refused::headerTimeout : Refused::bodyTimeout);
        refuse(connection, {408, "the request took too long to arrive"},
               connection.http->head.value_or(RequestHead{}));
    } else {
        if (phase == HttpPhase::idle || phase == HttpPhase::writing) {
            counters_.count(Refused::idleTimeout);
        }
        doom(connection);
    }
}

void IoLoop::destroy(std::uint64_t number) {
    // Out of the slots first: what the services do now must not find it.
    std::unique_ptr<Connection> connection = connections_.remove(number);
    if (!connection) return;
    epoll_.remove(descriptorOf(*connection));
    connection->doomed = connection->dirty = false;
    if (connection->http && connection->http->movingTo) {
        handOver(std::move(connection));
        return;
    }
    forget(*connection);
    setPaused(*connection, false);
    connection->outbox.clear(pool_);
    tellEngine(*connection, engineio::CloseReason::transportClose);
    if (connection->http) abortRequests(*connection);
    try {
        connection->socket.close();
    } catch (const Poco::Exception&) {
        // Its descriptor is gone either way.
    }
}

}  // namespace parley::net
