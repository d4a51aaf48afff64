#include "gateway/loop_service.h"

#include <algorithm>
#include <utility>

#include <parley/broadcast/wire_json.h>
#include <parley/core/limits.h>
#include <parley/core/logging.h>

#include "gateway/handshake.h"
#include "gateway/reads.h"

namespace parley {
namespace {

constexpr std::size_t kVoidDeadlinesMax = 1024;
constexpr std::string_view kDashboardJoined = "Joined the dashboard";
constexpr std::string_view kDashboardLeft = "Left the dashboard";

std::string dashboardBody(std::string_view message, Position position) {
    std::string out = "{\"success\":true,\"message\":";
    appendJsonString(out, message);
    out += ",\"position\":";
    appendInt(out, position.value);
    out += '}';
    return out;
}

const Json& bodyOfEvent(const Json& arguments) {
    static const Json none;
    return arguments.size() > 1 ? arguments[1] : none;
}

}  // namespace

LoopService::LoopService(Shared& shared, net::Loop& loop)
    : shared_(shared), loop_(loop), rest_(shared, loop, random_) {
    socketOptions_.connectTimeout = shared.options.connectTimeout;
}

LoopService::~LoopService() = default;

Client* LoopService::find(engineio::SessionNumber session) {
    const auto known = clients_.find(session);
    return known == clients_.end() ? nullptr : known->second.get();
}

void LoopService::sendNow(engineio::SessionNumber session, const engineio::FramePtr& frame) {
    loop_.sessions().send(session, frame);
}

void LoopService::send(Client& client, const engineio::FramePtr& frame) {
    if (client.catchUp) {
        hold(client, frame);
    } else {
        sendNow(client.session(), frame);
    }
}

void LoopService::sendTo(engineio::SessionNumber session, const engineio::FramePtr& frame) {
    if (Client* client = find(session)) send(*client, frame);
}

void LoopService::onHandshake(engineio::SessionNumber, std::string_view query) {
    handshakeTakesCursors_ = shared_.options.recovery && takesCursors(query);
}

void LoopService::onOpen(engineio::SessionNumber session) {
    auto opened = std::make_unique<Client>(*this, session, socketOptions_);
    opened->takesCursors = handshakeTakesCursors_;
    clients_.emplace(session, std::move(opened));
    connecting_.push_back({loop_.clock().monotonic() + socketOptions_.connectTimeout, session});
    if (connecting_.size() > 2 * clients_.size() + kVoidDeadlinesMax) {
        std::erase_if(connecting_, [this](const auto& one) { return !isConnecting(one.session); });
    }
    armConnectTimer();
}

bool LoopService::isConnecting(engineio::SessionNumber session) {
    const Client* client = find(session);
    return client && !client->connected();
}

// One timer for all: who opens later is due later.
void LoopService::armConnectTimer() {
    if (connectTimerRuns_ || connecting_.empty()) return;
    connectTimerRuns_ = true;
    const auto wait = connecting_.front().deadline - loop_.clock().monotonic();
    loop_.after(std::max(wait, std::chrono::milliseconds(0)), [this] {
        connectTimerRuns_ = false;
        const auto now = loop_.clock().monotonic();
        while (!connecting_.empty() && connecting_.front().deadline <= now) {
            const auto session = connecting_.front().session;
            connecting_.pop_front();
            if (isConnecting(session)) loop_.sessions().close(session);
        }
        armConnectTimer();
    });
}

void LoopService::onMessage(engineio::SessionNumber session, bool binary,
                            std::string_view message) {
    Client* client = find(session);
    if (!client) return;
    if (!client->receive(binary, message)) {
        loop_.sessions().close(session, engineio::CloseReason::parseError);
    }
}

void LoopService::onClose(engineio::SessionNumber session, engineio::CloseReason) {
    const auto known = clients_.find(session);
    if (known == clients_.end()) return;
    onLeft(*known->second, /*sessionEnds=*/false);
    clients_.erase(known);
}

// The client left the default namespace, or is gone: it receives nothing more.
void LoopService::onLeft(Client& client, bool sessionEnds) {
    shared_.engine->forgetReads(client.session());
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
    origin.loop = loop_.index();
    gathered_.push_back({origin, ConnectionClosed{sessionEnds}});
}

Origin LoopService::originOf(const Client& client, std::optional<std::uint64_t> ackId) const {
    Origin origin;
    origin.connection = client.session();
    origin.loop = loop_.index();
    origin.via = static_cast<std::uint8_t>(ackId ? Via::ack : Via::event);
    origin.answer = ackId.value_or(0);
    return origin;
}

bool LoopService::refuseWhileDraining(Client& client, const Origin& origin,
                                      WireRequest request) {
    if (!shared_.refusing.load(std::memory_order_relaxed)) return false;
    refuse(client, origin, {ErrorCode::shutting_down, "the server is stopping"},
           wireRequestName(request));
    return true;
}

void LoopService::onRequest(Client& client, socketio::Packet packet) {
    if (packet.nsp != "/") return;
    const auto name = packet.data[0].get<std::string>();
    Origin origin = originOf(client, packet.id);
    const auto request = parseWireRequest(name);
    if (!request) {
        refuseInOrder(client, origin,
                      {ErrorCode::unknown_event, "there is no request \"" + name + "\""}, name);
        return;
    }
    origin.request = static_cast<std::uint8_t>(*request);
    if (refuseWhileDraining(client, origin, *request)) return;
    answerRequest(client, *request, bodyOfEvent(packet.data), origin);
}

void LoopService::onQuickRequest(Client& client, QuickRequest quick) {
    Origin origin = originOf(client, quick.ackId);
    origin.request = static_cast<std::uint8_t>(quick.request);
    if (refuseWhileDraining(client, origin, quick.request)) return;
    if (auto* command = std::get_if<Command>(&quick.body)) {
        submitWork(client, std::move(*command), origin);
    } else {
        getMessages(client, std::get<HistoryRequest>(std::move(quick.body)), origin);
    }
}

void LoopService::answerRequest(Client& client, WireRequest request, const Json& body,
                                const Origin& origin) {
    switch (request) {
        case WireRequest::joinRoom: return submit(client, parseJoinRoom(body), origin);
        case WireRequest::leaveRoom: return submit(client, parseLeaveRoom(body), origin);
        case WireRequest::sendMessage: return submit(client, parseSendMessage(body), origin);
        case WireRequest::typingStart: return submit(client, parseStartTyping(body), origin);
        case WireRequest::typingStop: return submit(client, parseStopTyping(body), origin);
        case WireRequest::shareRobotMessage:
            return submit(client, parseShareRobotMessage(body), origin);
        case WireRequest::getMessages: return getMessages(client, parseGetMessages(body), origin);
        case WireRequest::joinDashboard: return joinDashboard(client, origin);
        case WireRequest::leaveDashboard: return leaveDashboard(client, origin);
    }
}

template <typename Command>
void LoopService::submit(Client& client, Result<Command> parsed, const Origin& origin) {
    if (!parsed) {
        refuseInOrder(client, origin, parsed.error(),
                      wireRequestName(static_cast<WireRequest>(origin.request)));
        return;
    }
    submitWork(client, parley::Command(std::move(parsed).value()), origin);
}

// Handed to the writer when the turn ends: it is woken once for all of them, and commits them
// together.
void LoopService::submitWork(Client& client, Work work, const Origin& origin) {
    gathered_.push_back({origin, std::move(work)});
    ++client.pending;
    shared_.requestsInFlight.fetch_add(1, std::memory_order_relaxed);
    if (gathered_.size() >= limits::kRequestsGatheredMax) onTurnEnd();
}

// Refusing may end a client that takes nothing more, and that is one more request: it must not
// wait for a turn that nothing may cause soon.
void LoopService::onTurnEnd() {
    while (!gathered_.empty()) {
        if (const auto allowed = maySubmit(shared_); !allowed) turnAway(allowed.error());
        shared_.engine->submit(gathered_, [this](const Request& request, const Error& error) {
            notTaken(request, error);
        });
    }
}

// All that was gathered, but for what only frees things.
void LoopService::turnAway(const Error& error) {
    const std::vector<Request> turned = std::exchange(gathered_, {});
    for (const auto& request : turned) {
        if (std::holds_alternative<ConnectionClosed>(request.work)) {
            gathered_.push_back(request);
        } else {
            notTaken(request, error);
        }
    }
}

void LoopService::notTaken(const Request& request, const Error& error) {
    if (std::holds_alternative<ConnectionClosed>(request.work)) {
        logger().debug("connection_closed_untold code={}", error.name());
        return;
    }
    if (std::holds_alternative<OpenSession>(request.work)) {
        sessionNotTaken(request.origin.connection);
        return;
    }
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    if (std::holds_alternative<ResumeSession>(request.work)) {
        sessionNotTaken(request.origin.connection);
        return;
    }
    Origin asked = request.origin;
    if (static_cast<Via>(asked.via) == Via::continuation) {
        if (auto step = continuations_.extract(asked.answer)) asked = step.mapped().origin;
    }
    Client* client = find(asked.connection);
    if (!client) return;
    if (client->connected()) {
        refuse(*client, asked, error, wireRequestName(static_cast<WireRequest>(asked.request)));
    }
    answered(asked.connection);
}

// One request less is under way.
void LoopService::answered(engineio::SessionNumber session) {
    Client* client = find(session);
    if (!client || client->pending == 0 || --client->pending > 0) return;
    if (const auto auth = std::exchange(client->comesAgain, nullptr)) onConnect(*client, *auth);
}

// Runs `then` once what the client asked before is durable and delivered, and so is `work`; at
// once where nothing is under way and there is no work.
void LoopService::whenSettled(Client& client, const Origin& origin,
                              std::function<void(Client&, Position)> then, Work work) {
    if (client.pending == 0 && std::holds_alternative<Barrier>(work)) {
        then(client, {});
        return;
    }
    Origin step = origin;
    step.via = static_cast<std::uint8_t>(Via::continuation);
    step.answer = nextContinuation_++;
    continuations_.emplace(step.answer, Continuation{origin, std::move(then)});
    submitWork(client, std::move(work), step);
}

void LoopService::joinDashboard(Client& client, const Origin& origin) {
    whenSettled(
        client, origin,
        [this, origin](Client& settled, Position position) {
            rooms_.joinDashboard(receiverOf(settled));
            settled.dashboard = true;
            send(settled, answerFrame(origin, dashboardBody(kDashboardJoined, position)));
        },
        WatchDashboard{true});
}

void LoopService::leaveDashboard(Client& client, const Origin& origin) {
    whenSettled(
        client, origin,
        [this, origin](Client& settled, Position position) {
            rooms_.leaveDashboard(settled.session());
            settled.dashboard = false;
            send(settled, answerFrame(origin, dashboardBody(kDashboardLeft, position)));
        },
        WatchDashboard{false});
}

void LoopService::refuse(Client& client, const Origin& origin, const Error& error,
                         std::string_view eventName) {
    send(client, refusalFrame(origin, error, eventName));
}

// A refusal that needs no writer still comes after the answers to what was asked before it.
void LoopService::refuseInOrder(Client& client, const Origin& origin, const Error& error,
                                std::string_view eventName) {
    whenSettled(client, origin,
                [this, origin, error, name = std::string(eventName)](Client& settled, Position) {
                    refuse(settled, origin, error, name);
                });
}

void LoopService::receive(const LoopBatch& batch) {
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
    for (const auto session : heldMembers_) sendTo(session, delivery.frame);
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
    const auto room = std::visit([](const auto& one) { return one.conversation; }, change.change);
    std::erase_if(client->rooms, [&](const auto& one) { return one.conversation == room; });
    if (const auto* subscribe = std::get_if<Subscribe>(&change.change)) {
        client->rooms.push_back({room, subscribe->viewer});
        rooms_.join(receiverOf(*client), room, subscribe->viewer);
    } else {
        rooms_.leave(client->session(), room);
    }
}

void LoopService::take(const Answer& answer) {
    if (answer.origin.loop != loop_.index()) return;
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    const auto via = static_cast<Via>(answer.origin.via);
    if (via == Via::http) {
        loop_.respond(answer.origin.answer, *answer.http);
        return;
    }
    if (via == Via::continuation) {
        goOn(answer);
    } else if (Client* client = find(answer.origin.connection)) {
        if (via == Via::resume) {
            onResumed(*client, answer);
        } else if (client->connected() && answer.frame) {
            send(*client, answer.frame);
        }
    }
    answered(answer.origin.connection);
}

void LoopService::goOn(const Answer& answer) {
    auto step = continuations_.extract(answer.origin.answer);
    Client* client = find(answer.origin.connection);
    if (step.empty() || !client || !client->connected()) return;
    if (answer.ok) {
        step.mapped().then(*client, answer.position);
    } else {
        const auto request = static_cast<WireRequest>(step.mapped().origin.request);
        refuse(*client, step.mapped().origin, *answer.error, wireRequestName(request));
    }
}

}  // namespace parley
