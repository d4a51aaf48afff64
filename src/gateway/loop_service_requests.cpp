#include "gateway/loop_service.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/limits.h>
#include <parley/core/logging.h>

#include <utility>

/// A client's requests on their way: to the writer, turn by turn, and their answers back.
namespace parley {
namespace {

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

// Some clients emit numbers as names.
std::string nameOfEvent(const Json& arguments) {
    const Json& name = arguments[0];
    return name.is_string() ? name.get<std::string>() : name.dump();
}

const Json& bodyOfEvent(const Json& arguments) {
    static const Json none;
    return arguments.size() > 1 ? arguments[1] : none;
}

}  // namespace

bool LoopService::refuseWhileStopping(Client& client, const SocketCall& call) {
    if (!shared_.refusing.load(std::memory_order_relaxed)) return false;
    refuse(client, call, {ErrorCode::shutting_down, "the server is stopping"});
    return true;
}

void LoopService::onRequest(Client& client, socketio::Packet packet) {
    if (packet.nsp != "/") return;
    const std::string name = nameOfEvent(packet.data);
    const auto request = parseWireRequest(name);
    if (!request) {
        return refuseInOrder(client, packet.id, name,
                             {ErrorCode::unknown_event, "there is no request \"" + name + "\""});
    }
    const SocketCall call{client.session(), *request, packet.id};
    if (refuseWhileStopping(client, call)) return;
    answerRequest(client, call, bodyOfEvent(packet.data));
}

void LoopService::onQuickRequest(Client& client, QuickRequest quick) {
    const SocketCall call{client.session(), quick.request, quick.ackId};
    if (refuseWhileStopping(client, call)) return;
    if (auto* command = std::get_if<Command>(&quick.body)) {
        submitWork(client, std::move(*command), ReplyAddress::ofCall(loop_.index(), call));
    } else {
        getMessages(client, call, std::get<HistoryRequest>(std::move(quick.body)));
    }
}

void LoopService::answerRequest(Client& client, const SocketCall& call, const Json& body) {
    switch (call.request) {
        case WireRequest::joinRoom: return submit(client, call, parseJoinRoom(body));
        case WireRequest::leaveRoom: return submit(client, call, parseLeaveRoom(body));
        case WireRequest::sendMessage: return submit(client, call, parseSendMessage(body));
        case WireRequest::typingStart: return submit(client, call, parseStartTyping(body));
        case WireRequest::typingStop: return submit(client, call, parseStopTyping(body));
        case WireRequest::shareRobotMessage:
            return submit(client, call, parseShareRobotMessage(body));
        case WireRequest::getMessages: return getMessages(client, call, parseGetMessages(body));
        case WireRequest::joinDashboard: return watchDashboard(client, call, true);
        case WireRequest::leaveDashboard: return watchDashboard(client, call, false);
    }
}

template <typename Command>
void LoopService::submit(Client& client, const SocketCall& call, Result<Command> parsed) {
    const auto name = wireRequestName(call.request);
    if (!parsed) return refuseInOrder(client, call.ackId, name, parsed.error());
    // Its answer may be as large as one of a read.
    if constexpr (std::is_same_v<Command, JoinRoom>) {
        if (const auto allowed = mayRead(shared_); !allowed) {
            return refuseInOrder(client, call.ackId, name, allowed.error());
        }
    }
    submitWork(client, parley::Command(std::move(parsed).value()),
               ReplyAddress::ofCall(loop_.index(), call));
}

void LoopService::watchDashboard(Client& client, const SocketCall& call, bool watch) {
    submitStep(client, WatchDashboard{watch},
               [this, call, watch](Client& settled, const Result<Reply>& reply) {
                   if (!reply) return refuse(settled, call, reply.error());
                   settled.dashboard = watch;
                   if (watch) {
                       rooms_.joinDashboard(receiverOf(settled));
                   } else {
                       rooms_.leaveDashboard(settled.session());
                   }
                   const auto position = std::get<BarrierPassed>(*reply).position;
                   const auto message = watch ? kDashboardJoined : kDashboardLeft;
                   send(settled, answerFrame(call, dashboardBody(message, position)));
               });
}

// Handed to the writer when the turn ends: it is woken once for all of them, and commits them
// together.
void LoopService::submitWork(Client& client, Work work, ReplyAddress address) {
    gathered_.push_back({{client.session(), ReplyTo(address)}, std::move(work)});
    ++client.pending;
    shared_.requestsInFlight.fetch_add(1, std::memory_order_relaxed);
    if (gathered_.size() >= limits::kRequestsGatheredMax) onTurnEnd();
}

// Runs `step` once `work`, and everything the client asked before, is durable and delivered, or
// refused.
void LoopService::submitStep(Client& client, Work work, Step step) {
    const auto number = nextStep_++;
    steps_.emplace(number, std::move(step));
    submitWork(client, std::move(work), ReplyAddress::ofStep(loop_.index(), number));
}

// A refusal may close a client that takes nothing more, which gathers a ConnectionClosed: this goes
// on until nothing is gathered, as no further turn is guaranteed.
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
    const auto session = request.origin.connection;
    if (std::holds_alternative<ConnectionClosed>(request.work)) {
        logger().debug("connection_closed_untold code={}", error.name());
        return;
    }
    if (std::holds_alternative<OpenSession>(request.work)) {
        loop_.post([this, session] { loop_.sessions().close(session); });
        return;
    }
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    const auto address = ReplyAddress::in(request.origin);
    if (const auto call = address.callOf(session)) {
        Client* client = find(session);
        if (client && client->connected()) refuse(*client, *call, error);
    } else {
        continueStep(session, address.number(), error);
    }
    answered(session);
}

void LoopService::take(const Answer& answer) {
    if (answer.address.loop() != loop_.index()) return;
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    if (answer.address.way() == ReplyAddress::Way::http) return respond(answer);
    if (answer.reply) {
        continueStep(answer.connection, answer.address.number(), *answer.reply);
    } else if (Client* client = find(answer.connection); client && client->connected()) {
        if (answer.joined) {
            const auto call = answer.address.callOf(answer.connection);
            send(*client, answerFrame(*call, bodyOf(*answer.joined)));
        } else if (answer.frame) {
            send(*client, answer.frame);
        }
    }
    answered(answer.connection);
}

void LoopService::respond(const Answer& answer) {
    net::HttpResponse response;
    if (answer.joined) {
        response.body = bodyOf(*answer.joined);
    } else {
        response = *answer.http;
    }
    loop_.respond(answer.address.number(), std::move(response));
}

// Not where the client left meanwhile: what it was to be told is of no use to it.
void LoopService::continueStep(ConnectionId session, std::uint64_t number,
                               const Result<Reply>& reply) {
    const auto step = steps_.extract(number);
    Client* client = find(session);
    if (step.empty() || !client) return;
    if (client->connected() || client->asked) step.mapped()(*client, reply);
}

// One request less is under way.
void LoopService::answered(ConnectionId session) {
    Client* client = find(session);
    if (!client || client->pending == 0 || --client->pending > 0) return;
    if (const auto auth = std::exchange(client->comesAgain, nullptr)) onConnect(*client, *auth);
}

void LoopService::refuse(Client& client, const SocketCall& call, const Error& error) {
    send(client, refusalFrame(call, error));
}

// A refusal that needs no writer still comes after the answers to what was asked before it. Where
// the writer takes no barrier, it is refused for that reason instead, under the same name.
void LoopService::refuseInOrder(Client& client, std::optional<std::uint64_t> ackId,
                                std::string_view eventName, const Error& error) {
    if (client.pending == 0) return send(client, refusalFrame(ackId, eventName, error));
    submitStep(client, Barrier{},
               [this, ackId, name = std::string(eventName), error](Client& settled,
                                                                   const Result<Reply>& passed) {
                   const Error& why = passed ? error : passed.error();
                   send(settled, refusalFrame(ackId, name, why));
               });
}

}  // namespace parley
