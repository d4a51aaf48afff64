#include "net/web_socket_protocol.h"

#include "net/http_connection.h"

#include <utility>

namespace parley::net {
namespace {

constexpr std::string_view kSlowClientReason = "reads too slowly";

}  // namespace

/// Passes one connection's input on to the loop while bytes are read.
class WebSocketProtocol::Input final : public WebSocketEvents {
public:
    Input(WebSocketProtocol& protocol, TcpConnection& connection)
        : protocol_(protocol), connection_(connection) {}

    void onMessage(bool binary, std::string_view message) override {
        protocol_.engine_->onWebSocketMessage(connection_.number, binary, message);
    }
    void onPing(std::string_view payload) override { protocol_.pong(connection_, payload); }
    void onClose(std::string_view reply) override {
        connection_.outbox.push(protocol_.codec_.encode(opcode::close, reply),
                                protocol_.connections_.pool());
        protocol_.tellEngine(connection_, engineio::CloseReason::transportClose);
        protocol_.finish(connection_);
    }
    void onFailure(std::uint16_t code) override {
        protocol_.close(connection_, code);
        protocol_.tellEngine(connection_, engineio::CloseReason::transportError);
    }
    bool wantsMore() const override {
        return connection_.state == ConnectionState::webSocket && !connection_.dropped;
    }

private:
    WebSocketProtocol& protocol_;
    TcpConnection& connection_;
};

WebSocketProtocol::WebSocketProtocol(const Options& options, Connections& connections,
                                     SlowClients& slow, LoopCounters& counters)
    : options_(options), connections_(connections), slow_(slow), counters_(counters) {}

void WebSocketProtocol::open(TcpConnection& connection, const std::string& handshake,
                             const engineio::Query& query, const engineio::Credentials& credentials,
                             std::string_view early) {
    connection.outbox.push(handshake, connections_.pool());
    connection.state = ConnectionState::webSocket;
    slow_.forget(connection);
    connection.http.reset();
    connections_.setDeadline(connection, Millis{0});
    LoopCounters::add(counters_.webSocketsOpen, 1);
    connections_.markDirty(connection);
    engine_->onWebSocketOpen(connection.number, query, credentials);
    if (!early.empty()) receive(connection, early);
}

void WebSocketProtocol::receive(TcpConnection& connection, std::string_view bytes) {
    Input input(*this, connection);
    connection.input.feed(bytes, codec_, options_.engineio.maxPayloadBytes, input);
}

void WebSocketProtocol::pong(TcpConnection& connection, std::string_view payload) {
    Outbox& outbox = connection.outbox;
    std::string frame = codec_.encode(opcode::pong, payload);
    // RFC 6455, 5.5.3: one pong may answer all pings that came before it could leave. Otherwise a
    // peer that reads nothing could make a pong, and much more memory, wait for each ping.
    if (connection.blocked && !outbox.last().empty() && outbox.last().front() == frame[0]) {
        outbox.replaceLast(std::move(frame), connections_.pool());
    } else {
        outbox.push(std::move(frame), connections_.pool());
    }
    connections_.markDirty(connection);
}

void WebSocketProtocol::send(engineio::SocketNumber socket, const engineio::FramePtr& frame) {
    TcpConnection* connection = connections_.find(socket);
    if (!connection || connection->state != ConnectionState::webSocket) return;
    if (connection->paused && frame->droppable()) {
        LoopCounters::add(counters_.framesDropped, 1);
        return;
    }
    connection->outbox.push(frame, connections_.pool());
    connections_.markDirty(*connection);
}

void WebSocketProtocol::close(TcpConnection& connection, std::uint16_t code,
                              std::string_view reason) {
    if (connection.state != ConnectionState::webSocket) return;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    payload += reason;
    connection.outbox.push(codec_.encode(opcode::close, payload), connections_.pool());
    finish(connection);
}

void WebSocketProtocol::closeSlow(TcpConnection& connection) {
    connection.outbox.dropWaiting(connections_.pool());
    tellEngine(connection, engineio::CloseReason::slowClient);
    close(connection, close_code::policy, kSlowClientReason);
}

void WebSocketProtocol::finish(TcpConnection& connection) {
    if (connection.state != ConnectionState::webSocket) return;
    slow_.resume(connection);
    connections_.finish(connection);
}

void WebSocketProtocol::tellEngine(TcpConnection& connection, engineio::CloseReason reason) {
    if (connection.engineTold) return;
    connection.engineTold = true;
    counters_.webSocketsOpen.fetch_sub(1, std::memory_order_relaxed);
    engine_->onWebSocketClosed(connection.number, reason);
}

void WebSocketProtocol::paused(TcpConnection& connection, bool paused) {
    if (!connection.engineTold) engine_->onWebSocketPaused(connection.number, paused);
}

void WebSocketProtocol::ended(TcpConnection& connection) {
    slow_.forget(connection);
    tellEngine(connection, engineio::CloseReason::transportClose);
}

}  // namespace parley::net
