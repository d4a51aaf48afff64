#include "gateway/client.h"

#include <parley/core/json.h>

#include "gateway/loop_service.h"

namespace parley {

Client::Client(LoopService& service, engineio::SessionNumber session,
               const socketio::Options& options)
    : service_(service), session_(session), connection_(*this, options) {}

void Client::onConnect(std::string_view nsp, Json) {
    std::string payload = "{\"sid\":";
    appendJsonString(payload, service_.newSocketId());
    payload += '}';
    connection_.accept(nsp, payload);
}

void Client::onEvent(socketio::Packet packet) { service_.onRequest(*this, std::move(packet)); }

void Client::onDisconnect(std::string_view) { service_.onLeft(*this); }

void Client::send(std::string_view packet) {
    service_.sendTo(session_, engineio::textFrame(packet));
}

void Client::sendBinary(std::string_view message) {
    service_.sendTo(session_, engineio::binaryFrame(message));
}

}  // namespace parley
