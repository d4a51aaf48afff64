#include "gateway/clients/client.h"

#include "gateway/history/reads.h"
#include "gateway/loop_service.h"
#include "gateway/recovery/catch_up.h"

#include <parley/core/json.h>
#include <parley/gateway/calls/quick_request.h>

namespace parley {

Client::Client(LoopService& service, ConnectionId session, const socketio::Options& options)
    : service_(service), session_(session), connection_(*this, options) {}

Client::~Client() = default;

bool Client::receive(bool binary, std::string_view message) {
    if (!binary && connected() && !connection_.awaitsAttachments()) {
        if (auto quick = readQuickRequest(message)) {
            service_.onQuickRequest(*this, std::move(*quick));
            return true;
        }
    }
    return connection_.receive(binary, message);
}

void Client::onConnect(std::string_view, Json auth) {
    service_.onConnect(*this, auth);
}

void Client::accept(std::string_view sid, std::string_view pid) {
    std::string payload = "{\"sid\":";
    appendJsonString(payload, sid);
    if (!pid.empty()) {
        payload += ",\"pid\":";
        appendJsonString(payload, pid);
    }
    payload += '}';
    connection_.accept("/", payload);
}

void Client::onEvent(socketio::Packet packet) {
    service_.onRequest(*this, std::move(packet));
}

void Client::onDisconnect(std::string_view) {
    service_.onLeft(*this, /*sessionEnds=*/true);
}

void Client::send(std::string_view packet) {
    service_.sendNow(session_, engineio::textFrame(packet));
}

void Client::sendBinary(std::string_view message) {
    service_.sendNow(session_, engineio::binaryFrame(message));
}

}  // namespace parley
