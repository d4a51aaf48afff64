#include "socketio_echo.h"

#include "support/socketio_packets.h"

#include <parley/core/uuid.h>
#include <parley/engineio/frame.h>
#include <parley/socketio/connection.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace parley::conformance {
namespace {

// The suite listens for `auth` only after it has seen the reply to its CONNECT, so it misses
// packets that arrive together with that reply. Therefore `auth` waits until the client has surely
// read the reply, even on a busy machine, and is sent well before the first ping (300 ms), which
// the suite would mistake for it.
constexpr std::chrono::milliseconds kAuthDelay{100};

}  // namespace

/// One session's Socket.IO side.
class SocketIoEcho::Client final : public socketio::Handler {
public:
    Client(SocketIoEcho& owner, ConnectionId session)
        : owner_(owner), session_(session), connection_(*this, owner.options_) {}

    bool receive(bool binary, std::string_view message) {
        return connection_.receive(binary, message);
    }
    bool connected() const {
        return std::ranges::any_of(owner_.options_.namespaces,
                                   [this](const auto& nsp) { return connection_.in(nsp); });
    }

    void onConnect(std::string_view nsp, Json auth) override {
        std::array<std::uint8_t, 16> id{};
        owner_.random_.fill(id);
        connection_.accept(nsp, "{\"sid\":\"" + Uuid(id).str() + "\"}");
        auths_.emplace_back(nsp, auth.is_null() ? "{}" : auth.dump());
        owner_.loop_.after(kAuthDelay, [&owner = owner_, session = session_] {
            const auto found = owner.clients_.find(session);
            if (found != owner.clients_.end()) found->second->sendAuths();
        });
    }
    /// Sends `auth` before anything else to a client that did not wait for it.
    void sendAuths() {
        for (const auto& [nsp, auth] : std::exchange(auths_, {})) {
            send(socketio::eventPacket(nsp, "[\"auth\"," + auth + "]"));
        }
    }
    void onEvent(socketio::Packet packet) override {
        sendAuths();
        const Json name = packet.data[0];
        if (name == "message") {
            packet.data[0] = "message-back";
            send(socketio::eventPacket(packet.nsp, packet.data.dump(), packet.binary.size()));
            sendAttachments(packet);
        } else if (name == "message-with-ack" && packet.id) {
            packet.data.erase(packet.data.begin());
            send(socketio::ackPacket(packet.nsp, *packet.id, packet.data.dump(),
                                     packet.binary.size()));
            sendAttachments(packet);
        }
    }
    void onAck(socketio::Packet) override {}
    void onDisconnect(std::string_view nsp) override {
        std::erase_if(auths_, [nsp](const auto& auth) { return auth.first == nsp; });
    }
    void send(std::string_view packet) override {
        sessions().send(session_, engineio::textFrame(packet));
    }

private:
    void sendAttachments(const socketio::Packet& packet) {
        for (const std::string& attachment : packet.binary) {
            sessions().send(session_, engineio::binaryFrame(attachment));
        }
    }
    engineio::Endpoint& sessions() { return owner_.loop_.sessions(); }

    SocketIoEcho& owner_;
    const ConnectionId session_;
    socketio::Connection connection_;
    std::vector<std::pair<std::string, std::string>> auths_;  // namespace and payload, not sent yet
};

SocketIoEcho::SocketIoEcho(net::Loop& loop, socketio::Options options,
                           std::chrono::milliseconds connectTimeout)
    : loop_(loop), options_(std::move(options)), connectTimeout_(connectTimeout) {}

SocketIoEcho::~SocketIoEcho() = default;

void SocketIoEcho::onOpen(ConnectionId session, const engineio::Handshake&) {
    clients_.emplace(session, std::make_unique<Client>(*this, session));
    loop_.after(connectTimeout_, [this, session] {
        const auto found = clients_.find(session);
        if (found != clients_.end() && !found->second->connected()) {
            loop_.sessions().close(session);
        }
    });
}

void SocketIoEcho::onMessage(ConnectionId session, bool binary, std::string_view message) {
    const auto found = clients_.find(session);
    if (found == clients_.end() || found->second->receive(binary, message)) return;
    loop_.sessions().close(session, engineio::CloseReason::parseError);
}

void SocketIoEcho::onClose(ConnectionId session, engineio::CloseReason) {
    clients_.erase(session);
}

void SocketIoEcho::onHttp(const net::HttpRequest& request) {
    loop_.respond(request.number, {404, "text/plain", "not here\n", {}});
}

}  // namespace parley::conformance
