#include "gateway/calls/socket_requests.h"

#include "gateway/calls/answer.h"
#include "gateway/limits/counted_user.h"
#include "gateway/presence/presence_teller.h"

#include <parley/core/json_writer.h>
#include <parley/core/precise_time.h>
#include <parley/domain/authorize.h>
#include <parley/domain/identify.h>
#include <parley/domain/refusals.h>
#include <parley/gateway/calls/request_parser.h>

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace parley {
namespace {

std::string dashboardBody(bool watch, Position position) {
    std::string out;
    JsonWriter(out)
        .beginObject()
        .field("success", true)
        .field("message", watch ? "Joined the dashboard" : "Left the dashboard")
        .field("position", position.value)
        .endObject();
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

// SocketCall::askedAt
std::uint32_t askedNow() {
    return static_cast<std::uint32_t>(preciseTime().count());
}

// An answer to an event of ours, none of which asks for one.
bool isAck(bool binary, std::string_view message) {
    return !binary && (message.starts_with('3') || message.starts_with('6'));
}

// The user that follows the dashboard, if it may: a token says which, and a service names one.
Result<WatchDashboard> followed(Result<WatchDashboard> asked, const Principal* principal) {
    if (!asked || !asked->watch) return asked;
    if (principal) {
        if (authorize(*principal, ServerAction::watchDashboard) != Permission::allowed) {
            return forbidden();
        }
        const bool names = asked->user || asked->role;
        if (!isService(*principal)) {
            const bool another = asked->user.value_or(principal->user) != principal->user ||
                                 (asked->role && asked->role != principal->role);
            if (another) return namesAnother();
        }
        if (!isService(*principal) || !names) {
            asked->user = principal->user;
            asked->role = principal->role;
            return asked;
        }
        if (asked->role && !mayActAs(*principal, *asked->role)) return namesAnother();
    }
    if (asked->user && !asked->role) return missingField("userRole");
    if (asked->role && !asked->user) return missingField("userId");
    return asked;
}

// Commands that change nothing: auditors may ask for them. The table says who may.
template <typename Parsed>
constexpr bool kReads = std::is_same_v<Parsed, WatchRoom> || std::is_same_v<Parsed, UnwatchRoom>;

// Of a command that is not identified yet. Takes a copy, as identifying changes it.
UserId countedUserOf(Command command, const Principal& service) {
    return identify(command, service) ? countedUser(command, service) : service.user;
}

}  // namespace

void SocketRequests::send(Client& client, const SocketCall& call, const Error& error) const {
    shared_.meterOf(loop_.index()).refused(call, error.code, preciseTime());
    client.send(refusalFrame(call, error));
}

bool SocketRequests::refuseWhileStopping(Client& client, const SocketCall& call) const {
    if (!shared_.refusing.load(std::memory_order_relaxed)) return false;
    send(client, call, Error{ErrorCode::shutting_down, "the server is stopping"});
    return true;
}

bool SocketRequests::refusesUnread(Client& client, bool binary, std::string_view message) {
    const ClientLimits* limits = client.limits();
    if (!limits) return false;
    if (isAck(binary, message) && client.connected()) {
        return !admits(client, {.name = {}, .ackId = {}, .isAck = true});
    }
    const auto head = client.requestHead(binary, message);
    if (!head || isService(*client.presence().principal)) return false;
    const auto counted = countedAs(head->request, head->ackId);
    if (!shared_.limits->isSpent(*limits, counted.kind, loop_.turnTime())) return false;
    return !admits(client, counted);
}

// What a service asks for in the name of a user is admitted once that user is known.
bool SocketRequests::admits(Client& client, const Counted& event) {
    ClientLimits* limits = client.limits();
    if (!limits) return true;
    const Principal& sender = *client.presence().principal;
    const auto now = loop_.turnTime();
    if (!isService(sender)) {
        return isAdmitted(client, event,
                          shared_.limits->admit(*limits, sender.user, event.kind, now));
    }
    if (event.isCommand) return true;
    return isAdmitted(client, event, shared_.limits->admitService(sender.user, event.kind, now));
}

bool SocketRequests::admitsAs(Client& client, const SocketCall& call, const Command& command) {
    const auto& sender = client.presence().principal;
    if (!client.limits() || !isService(*sender)) return true;
    const auto user = countedUserOf(command, *sender);
    const auto counted = countedAs(call.request, call.ackId);
    return isAdmitted(client, counted,
                      shared_.limits->admitService(user, counted.kind, loop_.turnTime()));
}

// Pages are sent in an order of their own.
void SocketRequests::refuse(Client& client, const Counted& event, const Error& error) {
    if (event.isAck) return;  // nobody waits for an answer
    if (event.request == WireRequest::getMessages) {
        return history_.get(client, {client.connection(), *event.request, event.ackId, askedNow()},
                            error);
    }
    calls_.refuseInOrder(client, event.ackId, event.name, error);
}

// A client that goes on asking all the same is closed, so that it begins anew; a service is not, as
// it speaks for others, too.
bool SocketRequests::isAdmitted(Client& client, const Counted& event, const Result<void>& verdict) {
    ClientLimits& limits = *client.limits();
    if (verdict) {
        limits.refusedInRow = 0;
        return true;
    }
    const bool counts = !isService(*client.presence().principal) &&
                        limits.refusedInRow < ClientLimits::kRefusedInRowMax;
    const bool closes = counts && ++limits.refusedInRow == ClientLimits::kRefusedInRowMax;
    refuse(client, event, verdict.error());
    if (closes) closeInOrder(client);
    return false;
}

// What was stored is acknowledged before the end. Once the count is at its most, further refusals
// wait for the end, too.
void SocketRequests::closeInOrder(Client& client) {
    shared_.limits->noteClosed();
    const auto close = [this](ConnectionId connection) {
        loop_.sessions().close(connection, engineio::CloseReason::tooManyRefusals);
    };
    if (client.settled()) return close(client.connection());
    calls_.submit(client, Barrier{},
                  [close](Client& settled, const Result<Reply>&) { close(settled.connection()); });
}

void SocketRequests::handle(Client& client, const socketio::Packet& packet) {
    if (packet.nsp != "/") return;
    const std::string name = nameOfEvent(packet.data);
    const auto request = parseWireRequest(name);
    if (!admits(client, request ? countedAs(*request, packet.id) : Counted{name, packet.id}))
        return;
    if (!request) {
        return calls_.refuseInOrder(
            client, packet.id, name,
            {ErrorCode::unknown_event, "there is no request \"" + name + "\""});
    }
    const SocketCall call{client.connection(), *request, packet.id, askedNow()};
    if (refuseWhileStopping(client, call)) return;
    dispatch(client, call, bodyOfEvent(packet.data));
}

void SocketRequests::handle(Client& client, QuickRequest quick) {
    const SocketCall call{client.connection(), quick.request, quick.ackId, askedNow()};
    if (client.limits() && !admits(client, countedAs(quick.request, quick.ackId))) return;
    if (refuseWhileStopping(client, call)) return;
    if (auto* command = std::get_if<Command>(&quick.body)) {
        if (admitsAs(client, call, *command)) calls_.submit(client, call, std::move(*command));
    } else {
        history_.get(client, call, std::get<HistoryRequest>(std::move(quick.body)));
    }
}

// A request without its parser, or a query that nothing here answers, does not compile.
#define COMMAND(constant, name, command, way, rest) \
    case WireRequest::constant:                     \
        return submit(client, call, parse##command(body, client.presence().principal.get()));
#define QUERY(constant, name, query, way, rest) \
    case WireRequest::constant: return answer(client, call, parse##query(body));
void SocketRequests::dispatch(Client& client, const SocketCall& call, const Json& body) {
    switch (call.request) {
#include <parley/domain/requests.def>
    }
}

template <typename Parsed>
void SocketRequests::submit(Client& client, const SocketCall& call, Result<Parsed> parsed) {
    const auto name = wireRequestName(call.request);
    if constexpr (!kReads<Parsed>) {
        if (isReadOnly(client.presence().principal.get())) parsed = forbidden();
    }
    if (!parsed) return calls_.refuseInOrder(client, call.ackId, name, parsed.error());
    // The answer to a join may be as large as one to a read.
    if constexpr (std::is_same_v<Parsed, JoinRoom>) {
        if (const auto allowed = admitRead(shared_); !allowed) {
            return calls_.refuseInOrder(client, call.ackId, name, allowed.error());
        }
    }
    Command command(std::move(parsed).value());
    if (admitsAs(client, call, command)) calls_.submit(client, call, std::move(command));
}

void SocketRequests::answer(Client& client, const SocketCall& call, Result<HistoryRequest> asked) {
    history_.get(client, call, std::move(asked));
}

void SocketRequests::answer(Client& client, const SocketCall& call, Result<WatchDashboard> parsed) {
    const auto asked = followed(std::move(parsed), client.presence().principal.get());
    if (!asked) {
        return calls_.refuseInOrder(client, call.ackId, wireRequestName(call.request),
                                    asked.error());
    }
    calls_.submit(client, *asked,
                  [this, call, watch = asked->watch, presence = asked->presence](
                      Client& known, const Result<Reply>& reply) {
                      if (!reply) return send(known, call, reply.error());
                      rooms_.watchDashboard(known.presence().subscriber, watch, presence);
                      if (watch && presence) known.send(typingNow(shared_.typing));
                      const auto position = std::get<DoneReply>(*reply).position;
                      shared_.meterOf(loop_.index()).done(call, preciseTime());
                      known.send(answerFrame(call, dashboardBody(watch, position)));
                  });
}

// Without tokens there is no such request, and it is refused like any other that there is not.
void SocketRequests::answer(Client& client, const SocketCall& call,
                            const Result<Authenticate>& asked) {
    const auto name = wireRequestName(call.request);
    if (!shared_.authenticator) {
        return calls_.refuseInOrder(
            client, call.ackId, name,
            {ErrorCode::unknown_event,
             "there is no request \"authenticate\" while auth.mode is none"});
    }
    if (!asked) return calls_.refuseInOrder(client, call.ackId, name, asked.error());
    tokens_.renew(client, call, asked.value().token);
}

}  // namespace parley
