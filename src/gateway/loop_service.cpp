#include "gateway/loop_service.h"

#include "gateway/clients/authentication.h"
#include "gateway/history/client_reads.h"
#include "gateway/recovery/catch_up.h"

#include <parley/core/precise_time.h>

#include <utility>

namespace parley {

LoopService::LoopService(GatewayState& shared, net::Loop& loop)
    : shared_(shared),
      loop_(loop),
      clients_(loop, shared.options.connectTimeout, *this),
      rooms_(shared.rooms, shared.subscriptions, shared.presenceDashboards),
      intake_(shared, random_),
      calls_(shared, loop, clients_, intake_),
      catchUps_(shared, loop, clients_, rooms_),
      history_(shared, loop, clients_, calls_),
      logTails_(shared, loop, clients_, calls_),
      tokens_(shared, loop, clients_),
      requests_(shared, loop, calls_, history_, rooms_, tokens_, logTails_),
      admission_(shared, loop, random_, calls_, rooms_, catchUps_, tokens_),
      audits_(shared, loop, random_),
      rest_(shared, loop, intake_, audits_) {}

// A token in the headers that would have to wait is refused here: stock clients try a handshake
// again by themselves, but not a CONNECT.
std::optional<engineio::Refusal> LoopService::mayOpen(const engineio::Credentials& credentials) {
    if (!shared_.limits) return std::nullopt;
    const auto now = loop_.turnTime();
    if (const auto allowed = shared_.limits->admitConnect(credentials.client, now); !allowed) {
        return engineio::Refusal{429, 3, "the address connects too often",
                                 allowed.error().retryAfterMs};
    }
    const auto token = tokenIn(credentials, shared_.authenticator->options().cookie);
    if (!token) return std::nullopt;
    const auto wait = tokenCheck(credentials.client).waitOf(*token);
    if (wait.count() == 0) return std::nullopt;
    const Error error = shared_.limits->refuseToken(wait);
    return engineio::Refusal{429, 3, "too many bad tokens came from the address",
                             error.retryAfterMs};
}

void LoopService::onOpen(ConnectionId connection, const engineio::Handshake& opened) {
    const auto& from = opened.credentials;
    ClientHandshake handshake{.recoveryWish = recoveryWishIn(opened.query),
                              .ownPage = from.ownPage,
                              .thisMachine = net::isThisMachine(from)};
    if (shared_.authenticator) {
        handshake.token = handshakeToken(tokenCheck(opened.credentials.client), opened.credentials);
    }
    std::unique_ptr<ClientLimits> limits;
    if (shared_.limits) {
        limits.reset(new ClientLimits{.address = opened.credentials.client});
    }
    // Polls and POSTs must then carry credentials too: the sid alone is not enough.
    if (handshake.token.given) loop_.sessions().checkEveryRequest(connection);
    clients_.open(connection, std::move(handshake), std::move(limits));
}

bool LoopService::mayUse(ConnectionId connection, engineio::TransportKind,
                         const engineio::Credentials& credentials) {
    const Client* client = clients_.find(connection);
    if (!shared_.authenticator || !client) return true;
    const auto& opened = client->handshake().token;
    if (opened.given && !opened.principal) return true;  // its CONNECT will be refused
    const auto& entered = client->presence().principal;
    const auto& owner = entered ? entered : opened.principal;
    return isOf(tokenCheck(credentials.client), credentials, owner.get(), opened.given);
}

void LoopService::onMessage(ConnectionId connection, bool binary, std::string_view message) {
    Client* client = clients_.find(connection);
    if (!client || requests_.refusesUnread(*client, binary, message)) return;
    if (auto quick = client->quickRequest(binary, message)) {
        requests_.handle(*client, std::move(*quick));
    } else if (!client->receive(binary, message)) {
        loop_.sessions().close(connection, engineio::CloseReason::parseError);
    }
}

void LoopService::onRequest(Client& client, socketio::Packet packet) {
    requests_.handle(client, packet);
}

void LoopService::onClose(ConnectionId connection, engineio::CloseReason reason) {
    if (reason == engineio::CloseReason::parseError) {
        shared_.malformed.warnIfDue(shared_.clock.monotonic());
    }
    shared_.disconnects[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
    Client* client = clients_.find(connection);
    if (!client) return;
    logTails_.end(connection);
    admission_.leave(*client, /*sessionEnds=*/false);
    clients_.erase(connection);
}

// respond() ignores clients that have gone.
void LoopService::onHttpAborted(std::uint64_t number) {
    shared_.engine->forgetReads(readOwnerOf(number));
    if (shared_.sqlDesk) shared_.sqlDesk->cancel(number);
}

void LoopService::onTurnWritten() {
    if (unwritten_.empty()) return;
    const auto now = preciseTime();
    auto& meter = shared_.meterOf(loop_.index());
    for (const auto committedAt : unwritten_) meter.broadcast(now - committedAt);
    unwritten_.clear();
}

// A statement that nobody may read any more is not worth the machine's time; reads are short.
bool LoopService::mayTakeLong(std::uint64_t number) const {
    return shared_.sqlDesk && shared_.sqlDesk->has(number);
}

std::uint64_t LoopService::bytesHeld() const {
    return shared_.answersHeldBytes.load(std::memory_order_relaxed);
}

// Clients with an answer due are flushed first. Such a client may have its next request under way
// while the others are written to, which in large rooms is most of a turn; then that request is in
// the next batch, and each member gets more messages at once.
void LoopService::receive(const LoopBatch& batch) {
    for (const auto& step : batch.steps) {
        const auto* answer = std::get_if<Answer>(&step);
        if (answer && (answer->frame || answer->joined) &&
            answer->address.loop() == loop_.index()) {
            loop_.sessions().writeFirst(answer->connection);
        }
    }
    if (batch.committedAt.count() > 0) unwritten_.push_back(batch.committedAt);
    for (const auto& step : batch.steps) {
        std::visit([this](const auto& one) { carryOut(one); }, step);
    }
}

void LoopService::carryOut(const Delivery& delivery) {
    if (delivery.cursor) history_.noteDelivered(delivery.cursor->room);
    held_.clear();
    rooms_.deliver(delivery, loop_.sessions(), held_);
    if (held_.empty()) return;
    const auto frame = withCursor(delivery);  // a client that catches up has a pid
    for (const auto connection : held_) {
        if (Client* client = clients_.find(connection)) client->send(frame);
    }
}

void LoopService::carryOut(const SubscriptionChange& change) {
    Client* client = clients_.find(change.connection);
    if (!client || !client->connected()) return;
    Subscriber& subscriber = client->presence().subscriber;
    if (const auto* left = std::get_if<Unsubscribe>(&change.change)) {
        rooms_.leave(subscriber, left->conversation);
    } else {
        const auto& joined = std::get<Subscribe>(change.change);
        rooms_.join(subscriber, joined.conversation, joined.viewer);
    }
}

// What the client asked to read before and was not read yet, is read as by the stranger it is now.
void LoopService::carryOut(const SubscriptionLost& lost) {
    Client* client = clients_.find(lost.connection);
    if (!client) return;
    rooms_.leave(client->presence().subscriber, lost.conversation);
    if (auto& reads = client->presence().reads) reads->forgetRoom(lost.conversation);
}

void LoopService::carryOut(const TakenOver& takenOver) {
    Client* client = clients_.find(takenOver.connection);
    if (!client) return;
    if (takenOver.comesBack) {
        return loop_.sessions().close(takenOver.connection, engineio::CloseReason::comeBack);
    }
    client->dismiss();
    loop_.sessions().close(takenOver.connection);
}

void LoopService::carryOut(const Answer& answer) {
    if (answer.address.loop() != loop_.index()) return;
    if (answer.address.way() == ReplyAddress::Way::record) {
        audits_.answer(answer.address.number(), *answer.reply);
    } else {
        calls_.answer(answer);
    }
}

}  // namespace parley
