#include "net/io_loop.h"

#include <utility>

/// WebSocket on a loop's connections: the handshake, messages in, frames out.
namespace parley::net {

/// Joins one connection's input to the loop while bytes are read.
class IoLoop::SocketEvents final : public WebSocketEvents {
public:
    SocketEvents(IoLoop& loop, Connection& connection) : loop_(loop), connection_(connection) {}

    void onMessage(bool binary, std::string_view message) override {
        loop_.engines_[connection_.endpoint]->onWebSocketMessage(connection_.number, binary,
                                                                 message);
    }
    void onPing(std::string_view payload) override {
        Outbox& outbox = connection_.outbox;
        std::string pong = loop_.codec_.encode(opcode::pong, payload);
        // RFC 6455, 5.5.3: pings that came before the pong could leave may share it. A peer that
        // reads nothing would else be owed a pong of two bytes, and much more memory, for each.
        if (connection_.blocked && !outbox.last().empty() && outbox.last().front() == pong[0]) {
            outbox.replaceLast(std::move(pong), loop_.pool_);
        } else {
            outbox.push(std::move(pong), loop_.pool_);
        }
        loop_.markDirty(connection_);
    }
    void onClose(std::string_view reply) override {
        connection_.outbox.push(loop_.codec_.encode(opcode::close, reply), loop_.pool_);
        loop_.tellEngine(connection_, engineio::CloseReason::transportClose);
        loop_.finish(connection_);
    }
    void onFailure(std::uint16_t code) override {
        loop_.sendClose(connection_, code);
        loop_.tellEngine(connection_, engineio::CloseReason::transportError);
    }
    bool wantsMore() const override {
        return connection_.state == ConnectionState::webSocket && !connection_.doomed;
    }

private:
    IoLoop& loop_;
    Connection& connection_;
};

void IoLoop::openWebSocket(Connection& connection, const RequestHead& head,
                           std::string_view early) {
    engineio::Server& engine = *engines_[connection.endpoint];
    const auto accept = webSocketAccept(head.webSocketKey);
    if (head.webSocketVersion != "13") {
        return refuse(connection, {426, "only version 13 of WebSocket is spoken"}, head,
                      {{"Sec-WebSocket-Version", "13"}, {"Upgrade", "websocket"}});
    }
    if (!accept || head.http10 || head.hasBody()) {
        return refuse(connection, {400, "WebSocket handshake"}, head);
    }
    const engineio::Query query = engineio::parseQuery(head.query);
    if (const auto refusal = engine.checkWebSocket(query)) {
        return endWith(connection, head, refusal->httpStatus, refusal->body());
    }
    connection.outbox.push(encodeHandshake(*accept, head.webSocketProtocol), pool_);
    connection.state = ConnectionState::webSocket;
    connection.http.reset();
    connection.backlog.reset();
    deadlines_.set(connection, Millis{0});
    counters_.webSocketsOpen.fetch_add(1, std::memory_order_relaxed);
    markDirty(connection);
    engine.onWebSocketOpen(connection.number, query);
    if (!early.empty()) processWebSocket(connection, early);
}

void IoLoop::processWebSocket(Connection& connection, std::string_view bytes) {
    SocketEvents events(*this, connection);
    connection.input.feed(bytes, codec_, endpointOptions(connection.endpoint).maxPayloadBytes,
                          events);
}

/// Says once that a WebSocket has ended, however it did.
void IoLoop::tellEngine(Connection& connection, engineio::CloseReason reason) {
    if (connection.http) return;
    if (std::exchange(connection.engineTold, true)) return;
    counters_.webSocketsOpen.fetch_sub(1, std::memory_order_relaxed);
    engines_[connection.endpoint]->onWebSocketClosed(connection.number, reason);
}

void IoLoop::sendClose(Connection& connection, std::uint16_t code, std::string_view reason) {
    if (connection.state != ConnectionState::webSocket) return;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    payload += reason;
    connection.outbox.push(codec_.encode(opcode::close, payload), pool_);
    finish(connection);
}

void IoLoop::sendFrame(engineio::SocketNumber socket, const engineio::FramePtr& frame) {
    Connection* connection = connections_.find(socket);
    if (!connection || connection->state != ConnectionState::webSocket) return;
    if (connection->paused && frame->droppable()) {
        ++framesDropped_;
        return;
    }
    connection->outbox.push(frame, pool_);
    markDirty(*connection);
}

void IoLoop::writeFirst(engineio::SocketNumber socket) {
    // Connections are written in the order in which they became dirty.
    if (Connection* connection = connections_.find(socket)) markDirty(*connection);
}

void IoLoop::closeSocket(engineio::SocketNumber socket, std::uint16_t code) {
    if (Connection* connection = connections_.find(socket)) sendClose(*connection, code);
}

}  // namespace parley::net
