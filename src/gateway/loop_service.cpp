#include "gateway/loop_service.h"

#include "gateway/history/reads.h"

#include <parley/core/logging.h>

#include <utility>

/// The clients of a loop as they come and go, and what a batch brings them.
namespace parley {

LoopService::LoopService(Shared& shared, net::Loop& loop)
    : shared_(shared),
      loop_(loop),
      rest_(shared, loop, random_),
      connectTimeout_(loop, shared.options.connectTimeout,
                      [this](ConnectionId session) { return isConnecting(session); }) {}

LoopService::~LoopService() = default;

Client* LoopService::find(ConnectionId session) {
    const auto known = clients_.find(session);
    return known == clients_.end() ? nullptr : known->second.get();
}

void LoopService::sendNow(ConnectionId session, const engineio::FramePtr& frame) {
    loop_.sessions().send(session, frame);
}

void LoopService::send(Client& client, const engineio::FramePtr& frame) {
    if (client.catchUp) {
        hold(client, frame);
    } else {
        sendNow(client.session(), frame);
    }
}

void LoopService::sendTo(ConnectionId session, const engineio::FramePtr& frame) {
    if (Client* client = find(session)) send(*client, frame);
}

void LoopService::onHandshake(ConnectionId, std::string_view query) {
    handshakeWish_ = recoveryWishIn(query);
}

void LoopService::onOpen(ConnectionId session) {
    auto opened = std::make_unique<Client>(*this, session, socketOptions_);
    opened->recoveryWish = handshakeWish_;
    clients_.emplace(session, std::move(opened));
    connectTimeout_.onOpen(session, clients_.size());
}

bool LoopService::isConnecting(ConnectionId session) {
    const Client* client = find(session);
    return client && !client->connected();
}

void LoopService::onMessage(ConnectionId session, bool binary, std::string_view message) {
    Client* client = find(session);
    if (!client) return;
    if (!client->receive(binary, message)) {
        loop_.sessions().close(session, engineio::CloseReason::parseError);
    }
}

void LoopService::onClose(ConnectionId session, engineio::CloseReason reason) {
    if (reason == engineio::CloseReason::parseError) warnOfMalformedPacket();
    const auto known = clients_.find(session);
    if (known == clients_.end()) return;
    onLeft(*known->second, /*sessionEnds=*/false);
    clients_.erase(known);
}

void LoopService::warnOfMalformedPacket() {
    if (const auto sessions = shared_.malformed.count(shared_.clock.monotonic())) {
        logger().warn(
            "malformed_packets sessions_closed={} hint=\"clients send what is no packet "
            "of Socket.IO 5 with its default parser\"",
            *sessions);
    }
}

// The client left the default namespace, or is gone: it receives nothing more.
void LoopService::onLeft(Client& client, bool sessionEnds) {
    shared_.engine->forgetReads(client.session().value);
    client.catchUp.reset();
    client.asked.reset();
    client.comesAgain.reset();
    dropReads(client);
    client.cursors = false;
    for (const auto& room : client.rooms) rooms_.leave(client.session(), room.conversation);
    client.rooms.clear();
    if (std::exchange(client.dashboard, false)) rooms_.leaveDashboard(client.session());
    countRooms();
    Origin origin;
    origin.connection = client.session();
    gathered_.push_back({origin, ConnectionClosed{sessionEnds}});
}

// Who is answered is written to first. It may have its next request under way while the others are
// written to, which in large rooms is most of a turn; then that request is in the next batch, and
// each member gets more messages at once.
void LoopService::receive(const LoopBatch& batch) {
    for (const auto& step : batch.steps) {
        const auto* answer = std::get_if<Answer>(&step);
        if (answer && (answer->frame || answer->joined) &&
            answer->address.loop() == loop_.index()) {
            loop_.sessions().writeFirst(answer->connection);
        }
    }
    for (const auto& step : batch.steps) {
        std::visit([this](const auto& one) { take(one); }, step);
    }
    countRooms();
}

void LoopService::countRooms() {
    const auto change = [](std::atomic<std::int64_t>& sum, std::size_t& counted, std::size_t now) {
        if (now == counted) return;
        sum.fetch_add(static_cast<std::int64_t>(now) - static_cast<std::int64_t>(counted),
                      std::memory_order_relaxed);
        counted = now;
    };
    change(shared_.rooms, roomsCounted_, rooms_.roomCount());
    change(shared_.subscriptions, subscriptionsCounted_, rooms_.memberCount());
}

void LoopService::take(const Delivery& delivery) {
    heldMembers_.clear();
    rooms_.deliver(delivery, loop_.sessions(), heldMembers_);
    if (heldMembers_.empty()) return;
    const auto frame = withCursor(delivery);  // who catches up has a pid
    for (const auto session : heldMembers_) sendTo(session, frame);
}

void LoopService::take(const TakenOver& takenOver) {
    Client* client = find(takenOver.connection);
    if (!client) return;
    client->dismiss();
    loop_.sessions().close(client->session());
}

void LoopService::take(const SubscriptionChange& change) {
    Client* client = find(change.connection);
    if (!client || !client->connected()) return;
    if (const auto* left = std::get_if<Unsubscribe>(&change.change)) {
        return unsubscribe(*client, left->conversation);
    }
    const auto& [room, viewer] = std::get<Subscribe>(change.change);
    std::erase_if(client->rooms, [&](const auto& one) { return one.conversation == room; });
    client->rooms.push_back({room, viewer});
    rooms_.join(receiverOf(*client), room, viewer);
}

// What it asked to read before, and was not read yet, is read as by the stranger that it is now.
void LoopService::take(const SubscriptionLost& lost) {
    Client* client = find(lost.connection);
    if (!client) return;
    unsubscribe(*client, lost.conversation);
    if (client->reads) forgetRoom(*client->reads, lost.conversation);
}

void LoopService::unsubscribe(Client& client, ConversationKey room) {
    std::erase_if(client.rooms, [&](const auto& one) { return one.conversation == room; });
    rooms_.leave(client.session(), room);
}

}  // namespace parley
