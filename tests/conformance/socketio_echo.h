#pragma once

#include <parley/core/random.h>
#include <parley/net/server.h>
#include <parley/socketio/options.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace parley::conformance {

/// The server that the Socket.IO suite expects: namespaces "/" and "/custom", which emit `auth`
/// with the handshake's payload, answer `message` with `message-back` and acknowledge
/// `message-with-ack`, both with the received arguments. A client that enters no namespace within
/// `connectTimeout` is closed.
class SocketIoEcho final : public net::Service {
public:
    SocketIoEcho(net::Loop& loop, socketio::Options options,
                 std::chrono::milliseconds connectTimeout);
    ~SocketIoEcho() override;

    void onOpen(ConnectionId session, const engineio::Handshake& handshake) override;
    void onMessage(ConnectionId session, bool binary, std::string_view message) override;
    void onClose(ConnectionId session, engineio::CloseReason reason) override;
    void onHttp(const net::HttpRequest& request) override;
    void onHttpAborted(std::uint64_t) override {}

private:
    class Client;
    net::Loop& loop_;
    const socketio::Options options_;
    const std::chrono::milliseconds connectTimeout_;
    SystemRandom random_;
    std::unordered_map<ConnectionId, std::unique_ptr<Client>> clients_;
};

}  // namespace parley::conformance
