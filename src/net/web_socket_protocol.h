#pragma once

#include "net/connections.h"
#include "net/http_head.h"
#include "net/slow_clients.h"
#include "net/ws_frame.h"

#include <parley/engineio/endpoint.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::net {

/// WebSocket (RFC 6455) for the connections of one loop: messages to Engine.IO, frames to the
/// client. The loop's thread.
class WebSocketProtocol final : public Protocol {
public:
    /// REQUIRES: all of them outlive it.
    WebSocketProtocol(const Options& options, Connections& connections, SlowClients& slow,
                      LoopCounters& counters);
    /// Once, before the first connection.
    void serve(engineio::Endpoint& engine) { engine_ = &engine; }

    /// Makes a WebSocket of a connection that asked for one over HTTP. `early`: bytes that came
    /// behind the request. REQUIRES: all earlier requests are answered.
    void open(TcpConnection& connection, const std::string& handshake, const engineio::Query& query,
              const engineio::Credentials& credentials, std::string_view early);
    void send(engineio::SocketNumber socket, const engineio::FramePtr& frame);
    /// Sends what is queued, then a close frame with code and reason (7.1.2), then finishes.
    void close(TcpConnection& connection, std::uint16_t code, std::string_view reason = {});
    /// Sends only the frame that was begun and a close frame. A client that does not read even that
    /// is dropped when its time to finish is over.
    void closeSlow(TcpConnection& connection);
    /// Tells Engine.IO once that the WebSocket has ended, however it did.
    void tellEngine(TcpConnection& connection, engineio::CloseReason reason);
    void paused(TcpConnection& connection, bool paused);

    void receive(TcpConnection& connection, std::string_view bytes) override;
    void flushed(TcpConnection& connection, std::optional<std::size_t> written) override {
        slow_.flushed(connection, written);
    }
    bool onReadClosed(TcpConnection&) override { return false; }
    void onDeadline(TcpConnection& connection) override { slow_.judge(connection); }
    void ended(TcpConnection& connection) override;

private:
    class Input;
    void pong(TcpConnection& connection, std::string_view payload);
    void finish(TcpConnection& connection);

    const Options& options_;
    Connections& connections_;
    SlowClients& slow_;
    LoopCounters& counters_;
    engineio::Endpoint* engine_ = nullptr;
    FrameCodec codec_;
};

}  // namespace parley::net
