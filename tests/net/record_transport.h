#pragma once

#include "net/connections.h"
#include "net/transport.h"

#include <parley/core/clock.h>

#include <Poco/Net/StreamSocketImpl.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace parley::net::test {

/// A transport that behaves as TLS may. It reads all that the socket has and hands it out record by
/// record, never knows whether that was all, takes one record a write, and may have to write in
/// order to read and the other way round.
class RecordTransport final : public Transport {
public:
    RecordTransport(int descriptor, std::size_t recordBytes)
        : descriptor_(descriptor), recordBytes_(recordBytes) {}
    ~RecordTransport() override { ::close(descriptor_); }

    int descriptor() const override { return descriptor_; }

    ReadResult read(std::span<char> buffer) override {
        wants_.toRead = EPOLLIN;
        if (writesBeforeRead > 0) {
            --writesBeforeRead;
            wants_.toRead = EPOLLOUT;
            return {IoStatus::again, 0, false};
        }
        char arrived[4096];
        for (ssize_t n = 0; (n = ::recv(descriptor_, arrived, sizeof arrived, 0)) > 0;) {
            kept_.append(arrived, static_cast<std::size_t>(n));
        }
        if (kept_.empty()) return {IoStatus::again, 0, false};
        const std::size_t bytes = std::min({kept_.size(), buffer.size(), recordBytes_});
        std::copy_n(kept_.begin(), bytes, buffer.begin());
        kept_.erase(0, bytes);
        return {IoStatus::ok, bytes, false};
    }

    WriteResult write(const Poco::Net::SocketBufVec& pieces) override {
        wants_.toWrite = EPOLLOUT;
        if (readsBeforeWrite > 0) {
            --readsBeforeWrite;
            wants_.toWrite = EPOLLIN;
            return {IoStatus::again, 0};
        }
        const std::size_t bytes = std::min<std::size_t>(pieces[0].iov_len, recordBytes_);
        const ssize_t n = ::send(descriptor_, pieces[0].iov_base, bytes, MSG_NOSIGNAL);
        if (n < 0) return {IoStatus::again, 0};
        return {IoStatus::ok, static_cast<std::size_t>(n)};
    }

    Wants wants() const override { return wants_; }

    IoStatus finish() override {
        if (refusedFinishes-- > 0) return IoStatus::again;
        finished = true;
        return IoStatus::ok;
    }

    std::size_t unacknowledged() const override { return 0; }

    // How many times it still has to:
    int writesBeforeRead = 0;
    int readsBeforeWrite = 0;
    int refusedFinishes = 0;
    bool finished = false;

private:
    const int descriptor_;
    const std::size_t recordBytes_;
    std::string kept_;
    Wants wants_;
};

/// Counts the calls that reach another transport.
class CountingTransport final : public Transport {
public:
    explicit CountingTransport(std::unique_ptr<Transport> inner) : inner_(std::move(inner)) {}

    int descriptor() const override { return inner_->descriptor(); }
    ReadResult read(std::span<char> buffer) override {
        ++reads;
        return inner_->read(buffer);
    }
    WriteResult write(const Poco::Net::SocketBufVec& pieces) override {
        return inner_->write(pieces);
    }
    Wants wants() const override { return inner_->wants(); }
    IoStatus finish() override { return inner_->finish(); }
    std::size_t unacknowledged() const override { return inner_->unacknowledged(); }

    int reads = 0;

private:
    std::unique_ptr<Transport> inner_;
};

/// One connection of the world below, and the other end of its socket.
struct TestClient {
    ~TestClient() { ::close(far); }

    void send(std::size_t bytes) const {
        const std::string text(bytes, 'x');
        REQUIRE(::send(far, text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
    }
    /// Bytes of `send` that have reached the protocol.
    std::size_t received() const { return arrived; }
    /// Queues output of the server for the client.
    void say(std::string text) {
        connection->outbox.push(std::move(text), connections->pool());
        connections->markDirty(*connection);
    }
    /// The text of `say` that has reached the client since the last call.
    std::string heard() const {
        std::string text(1024 * 1024, '\0');
        const ssize_t n = ::recv(far, text.data(), text.size(), MSG_DONTWAIT);
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    }

    int far = -1;
    std::size_t arrived = 0;
    bool pauseAfterReceiving = false;
    Connections* connections = nullptr;
    TcpConnection* connection = nullptr;
    RecordTransport* transport = nullptr;
    CountingTransport* counting = nullptr;
};

/// The connections of a loop whose turns a test runs by hand. Their input is only counted.
class LoopWorld final : AnsweringProtocol {
public:
    explicit LoopWorld(std::size_t handshakesATurn = 0)
        : connections(LoopIndex{0}, clock, epoll, counters, handshakesATurn,
                      [](std::unique_ptr<TcpConnection>&) {}) {
        connections.speak(*this, *this);
    }

    TestClient& connect(std::size_t recordBytes) {
        TestClient& client = clients_.emplace_back();
        auto transport = std::make_unique<RecordTransport>(openPair(client), recordBytes);
        client.transport = transport.get();
        return adopt(client, std::move(transport));
    }
    TestClient& connectPlain() {
        TestClient& client = clients_.emplace_back();
        Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(openPair(client)));
        socket.setBlocking(false);
        auto counting = std::make_unique<CountingTransport>(makePlainTransport(std::move(socket)));
        client.counting = counting.get();
        return adopt(client, std::move(counting));
    }
    /// The transport that `make` makes over the server's end begins with a handshake.
    template <typename Make>
    TestClient& connectShaking(const Make& make) {
        TestClient& client = clients_.emplace_back();
        Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(openPair(client)));
        socket.setBlocking(false);
        return adopt(client, make(std::move(socket)), /*handshaking=*/true);
    }

    bool epollReports() {
        std::array<epoll_event, 16> events;
        return epoll.wait(events, 0) > 0;
    }
    void turn() {
        std::array<epoll_event, 16> events;
        const int count = epoll.wait(events, 0);
        connections.beginTurn();
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            connections.handle(*EpollSet::connectionOf(event), event.events);
        }
        connections.readRemaining();
        connections.settleAll();
    }

    SystemClock clock;
    EpollSet epoll;
    LoopCounters counters;
    Connections connections;

private:
    static int openPair(TestClient& client) {
        int pair[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
        const int room = 1024 * 1024;
        for (const int end : pair) {
            ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        }
        client.far = pair[1];
        return pair[0];
    }
    TestClient& adopt(TestClient& client, std::unique_ptr<Transport> transport,
                      bool handshaking = false) {
        auto connection = std::make_unique<TcpConnection>(std::move(transport), ClientAddress{});
        connection->state = ConnectionState::webSocket;
        connection->handshaking = handshaking;
        client.connections = &connections;
        client.connection = connection.get();
        REQUIRE(connections.adopt(std::move(connection)));
        connections.settleAll();
        return client;
    }
    TestClient& clientOf(const TcpConnection& connection) {
        return *std::find_if(clients_.begin(), clients_.end(), [&](const TestClient& client) {
            return client.connection == &connection;
        });
    }

    void receive(TcpConnection& connection, std::string_view bytes) override {
        TestClient& client = clientOf(connection);
        client.arrived += bytes.size();
        if (client.pauseAfterReceiving) connection.paused = true;
    }
    void fillOutbox(TcpConnection&) override {}
    void flushed(TcpConnection&, std::optional<std::size_t>) override {}
    void settled(TcpConnection&) override {}
    bool onReadClosed(TcpConnection&) override { return false; }
    void onDeadline(TcpConnection&) override {}
    void ended(TcpConnection&) override {}

    std::deque<TestClient> clients_;
};

}  // namespace parley::net::test
