#include "gateway/clients/client.h"

#include "gateway/history/client_reads.h"
#include "gateway/recovery/catch_up.h"

#include <parley/core/check.h>
#include <parley/core/json_writer.h>
#include <parley/core/logging.h>

#include <utility>

namespace parley {

Presence::Presence(ConnectionId connection) : subscriber(connection) {}
Presence::~Presence() = default;
Presence::Presence(Presence&&) noexcept = default;
Presence& Presence::operator=(Presence&&) noexcept = default;

Client::Client(ClientHost& host, ConnectionId connection, ClientHandshake handshake,
               std::unique_ptr<ClientLimits> limits)
    : host_(host),
      socket_(*this, host.options),
      presence_(connection),
      handshake_(std::move(handshake)),
      limits_(std::move(limits)) {}

Client::~Client() = default;

std::optional<QuickRequest> Client::quickRequest(bool binary, std::string_view message) const {
    if (binary || !connected() || socket_.awaitsAttachments()) return std::nullopt;
    return readQuickRequest(message);
}

std::optional<QuickHead> Client::requestHead(bool binary, std::string_view message) const {
    if (binary || !connected() || socket_.awaitsAttachments()) return std::nullopt;
    return readQuickHead(message);
}

void Client::accept(std::string_view sid, std::string_view pid) {
    std::string payload;
    JsonWriter json(payload);
    json.beginObject().field("sid", sid);
    if (!pid.empty()) json.field("pid", pid);
    json.endObject();
    socket_.accept("/", payload);
}

void Client::refuse(const Error& error) {
    std::string data;
    JsonWriter json(data);
    json.beginObject().field("code", error.name());
    if (error.retryAfterMs > 0) json.field("retryAfterMs", std::int64_t{error.retryAfterMs});
    json.endObject();
    socket_.refuse("/", error.message, data);
}

void Client::send(const engineio::FramePtr& frame) {
    if (!frame) return;
    CatchUp* catchUp = presence_.catchUp.get();
    if (!catchUp) return host_.sessions.send(connection(), frame);
    if (catchUp->hold(frame)) return;
    logger().warn("catch_up_given_up held_frames={} held_bytes={}", catchUp->held.size(),
                  catchUp->heldBytes);
    host_.sessions.close(connection(), engineio::CloseReason::slowClient);
}

void Client::callEnded() {
    PARLEY_CHECK(callsUnderWay_ > 0);
    if (--callsUnderWay_ > 0) return;
    if (const auto auth = std::exchange(presence_.nextConnect, nullptr)) {
        host_.events.onConnect(*this, *auth);
    }
}

void Client::onConnect(std::string_view, Json auth) {
    if (settled()) return host_.events.onConnect(*this, auth);
    presence_.nextConnect = std::make_unique<Json>(std::move(auth));
}

void Client::onEvent(socketio::Packet packet) {
    host_.events.onRequest(*this, std::move(packet));
}

void Client::onDisconnect(std::string_view) {
    host_.events.onLeave(*this);
}

void Client::send(std::string_view packet) {
    host_.sessions.send(connection(), engineio::textFrame(packet));
}

}  // namespace parley
