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

Origin LoopService::originOf(const Client& client, std::optional<std::uint64_t> ackId) const {
    Origin origin;
    origin.connection = client.session();
    origin.loop = loop_.index();
    origin.via = static_cast<std::uint8_t>(ackId ? Via::ack : Via::event);
    origin.answer = ackId.value_or(0);
    return origin;
}

bool LoopService::refuseWhileDraining(Client& client, const Origin& origin, WireRequest request) {
    if (!shared_.refusing.load(std::memory_order_relaxed)) return false;
    refuse(client, origin, {ErrorCode::shutting_down, "the server is stopping"},
           wireRequestName(request));
    return true;
}

void LoopService::onRequest(Client& client, socketio::Packet packet) {
    if (packet.nsp != "/") return;
    const std::string name = nameOfEvent(packet.data);
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
    // Its answer may be as large as one of a read.
    if constexpr (std::is_same_v<Command, JoinRoom>) {
        if (const auto allowed = mayRead(shared_); !allowed) {
            return refuseInOrder(client, origin, allowed.error(),
                                 wireRequestName(WireRequest::joinRoom));
        }
    }
    submitWork(client, parley::Command(std::move(parsed).value()), origin);
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

void LoopService::take(const Answer& answer) {
    if (answer.origin.loop != loop_.index()) return;
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    const auto via = static_cast<Via>(answer.origin.via);
    if (via == Via::http) {
        respond(answer);
        return;
    }
    if (via == Via::continuation) {
        goOn(answer);
    } else if (Client* client = find(answer.origin.connection)) {
        if (via == Via::resume) {
            onResumed(*client, answer);
        } else if (client->connected() && answer.joined) {
            send(*client, answerFrame(answer.origin, bodyOf(*answer.joined)));
        } else if (client->connected() && answer.frame) {
            send(*client, answer.frame);
        }
    }
    answered(answer.origin.connection);
}

void LoopService::respond(const Answer& answer) {
    net::HttpResponse response;
    if (answer.joined) {
        response.body = bodyOf(*answer.joined);
    } else {
        response = *answer.http;
    }
    loop_.respond(answer.origin.answer, std::move(response));
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

}  // namespace parley
