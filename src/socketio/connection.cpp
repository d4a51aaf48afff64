#include <parley/socketio/connection.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace parley::socketio {

// State that only few clients need.
struct Connection::Extra {
    struct Namespace {
        std::string name;
        State state;
    };
    std::vector<Namespace> namespaces;  // without "/"; none is State::outside
    std::optional<Packet> partial;      // awaits attachments
    std::size_t partialBytes = 0;
};

Connection::Connection(Handler& handler, const Options& options)
    : handler_(handler), options_(options) {}
Connection::~Connection() = default;

Connection::Extra& Connection::extra() {
    if (extra_ == nullptr) extra_ = std::make_unique<Extra>();
    return *extra_;
}

void Connection::dropIdleExtra() {
    if (extra_ != nullptr && extra_->namespaces.empty() && !extra_->partial) extra_.reset();
}

Connection::State Connection::stateOf(std::string_view nsp) const {
    if (nsp == "/") return root_;
    if (extra_ == nullptr) return State::outside;
    const auto found = std::ranges::find(extra_->namespaces, nsp, &Extra::Namespace::name);
    return found == extra_->namespaces.end() ? State::outside : found->state;
}

// False when there are too many namespaces.
bool Connection::setState(std::string_view nsp, State state) {
    if (nsp == "/") {
        root_ = state;
        return true;
    }
    auto& namespaces = extra().namespaces;
    const auto found = std::ranges::find(namespaces, nsp, &Extra::Namespace::name);
    if (found != namespaces.end()) {
        found->state = state;
        if (state == State::outside) namespaces.erase(found);
    } else if (state != State::outside) {
        if (namespaces.size() >= options_.limits.namespacesMax) return false;
        namespaces.push_back({std::string(nsp), state});
    }
    dropIdleExtra();
    return true;
}

// ---- from the client; each path ends with the handler's call, as that may destroy `this`

bool Connection::awaitsAttachments() const {
    return extra_ != nullptr && extra_->partial;
}

bool Connection::receive(bool binary, std::string_view message) {
    if (binary != awaitsAttachments()) return false;  // attachments follow their packet at once
    if (binary) return receiveAttachment(message);
    auto packet = isStranger() ? decodeStrangers(message) : decodePacket(message, options_.limits);
    if (!packet) return false;
    if (packet->attachments > 0) {
        extra().partial = std::move(*packet);
        extra_->partialBytes = 0;
        return true;
    }
    return dispatch(std::move(*packet));
}

bool Connection::isStranger() const {
    return root_ == State::outside && (extra_ == nullptr || extra_->namespaces.empty());
}

std::optional<Packet> Connection::decodeStrangers(std::string_view message) const {
    if (message.size() > options_.limits.strangerBytesMax) return std::nullopt;
    PacketLimits limits = options_.limits;
    limits.valuesMax = limits.strangerValuesMax;
    return decodePacket(message, limits);
}

bool Connection::receiveAttachment(std::string_view message) {
    extra_->partialBytes += message.size();
    if (extra_->partialBytes > options_.limits.attachmentBytesMax) return false;
    Packet& partial = *extra_->partial;
    partial.binary.emplace_back(message);
    if (partial.binary.size() < static_cast<std::size_t>(partial.attachments)) return true;
    Packet packet = std::move(partial);
    extra_->partial.reset();
    dropIdleExtra();
    return dispatch(std::move(packet));
}

bool Connection::dispatch(Packet packet) {
    if (packet.type == PacketType::connect) return dispatchConnect(std::move(packet));
    if (packet.type == PacketType::connectError) return false;  // only servers send it
    switch (stateOf(packet.nsp)) {
        case State::outside:
        case State::asking: return false;
        case State::dismissed:
            if (packet.type == PacketType::disconnect) setState(packet.nsp, State::outside);
            return true;
        case State::inside: break;
    }
    if (packet.type == PacketType::disconnect) {
        setState(packet.nsp, State::outside);
        handler_.onDisconnect(packet.nsp);
    } else if (packet.type == PacketType::event || packet.type == PacketType::binaryEvent) {
        handler_.onEvent(std::move(packet));
    } else {
        handler_.onAck(std::move(packet));
    }
    return true;
}

bool Connection::dispatchConnect(Packet packet) {
    const State state = stateOf(packet.nsp);
    if (state == State::asking || state == State::inside) return false;
    if (std::ranges::find(options_.namespaces, packet.nsp) == options_.namespaces.end()) {
        sendRefusal(packet.nsp, "Invalid namespace", {});
        return true;
    }
    if (!setState(packet.nsp, State::asking)) return false;
    handler_.onConnect(packet.nsp, std::move(packet.data));
    return true;
}

// ---- to the client

void Connection::accept(std::string_view nsp, std::string_view payload) {
    if (stateOf(nsp) != State::asking) return;
    setState(nsp, State::inside);
    sendPacket(PacketType::connect, nsp, payload);
}

void Connection::refuse(std::string_view nsp, std::string_view message, std::string_view data) {
    if (stateOf(nsp) != State::asking) return;
    setState(nsp, State::outside);
    sendRefusal(nsp, message, data);
}

void Connection::sendRefusal(std::string_view nsp, std::string_view message,
                             std::string_view data) {
    std::string payload = "{\"message\":";
    appendJsonString(payload, message);
    if (!data.empty()) {
        payload += ",\"data\":";
        payload += data;
    }
    payload += '}';
    sendPacket(PacketType::connectError, nsp, payload);
}

void Connection::disconnect(std::string_view nsp) {
    if (stateOf(nsp) != State::inside) return;
    setState(nsp, State::dismissed);
    sendPacket(PacketType::disconnect, nsp, {});
}

bool Connection::in(std::string_view nsp) const {
    return stateOf(nsp) == State::inside;
}

void Connection::sendPacket(PacketType type, std::string_view nsp, std::string_view payload) {
    std::string packet;
    packet.reserve(32 + nsp.size() + payload.size());
    appendPacketHead(packet, type, nsp);
    packet += payload;
    handler_.send(packet);
}

}  // namespace parley::socketio
