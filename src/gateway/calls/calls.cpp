#include "gateway/calls/calls.h"

#include "gateway/calls/answer.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/precise_time.h>

#include <string>
#include <utility>

namespace parley {
namespace {

net::HttpResponse responseOf(const Answer& answer) {
    if (!answer.joined) return *answer.http;
    net::HttpResponse response;
    response.body = bodyOf(*answer.joined);
    tellPosition(response, answer.joined->position);
    return response;
}

engineio::FramePtr frameOf(const Answer& answer) {
    if (!answer.joined) return answer.frame;
    return answerFrame(*answer.address.callOf(answer.connection), bodyOf(*answer.joined));
}

}  // namespace

void Calls::submit(Client& client, const SocketCall& call, Command command) {
    const auto& principal = client.presence().principal;
    if (const auto done = intake_.complete(command, principal.get()); !done) {
        return refuseInOrder(client, call.ackId, wireRequestName(call.request), done.error());
    }
    gather(client, ReplyAddress::ofCall(loop_.index(), call), std::move(command));
}

void Calls::submit(Client& client, Work work, Continuation then) {
    const auto number = nextContinuation_++;
    continuations_.emplace(number, std::move(then));
    gather(client, ReplyAddress::ofContinuation(loop_.index(), number), std::move(work));
}

void Calls::tell(const Client& client, Work work) {
    gathered_.push_back({{client.connection(), {}, client.presence().principal}, std::move(work)});
}

// The writer is woken once for all that a turn of the loop gathers, and commits it together.
void Calls::gather(Client& client, ReplyAddress address, Work work) {
    gathered_.push_back(
        {{client.connection(), ReplyTo(address), client.presence().principal}, std::move(work)});
    client.callBegun();
    shared_.requestsInFlight.fetch_add(1, std::memory_order_relaxed);
    if (gathered_.size() >= limits::kRequestsGatheredMax) flush();
}

// Where the writer takes no barrier, the event is refused for that reason, under the same name.
void Calls::refuseInOrder(Client& client, std::optional<std::uint64_t> ackId,
                          std::string_view eventName, const Error& error) {
    meter().refused(eventName, error.code);
    if (client.settled()) return client.send(refusalFrame(ackId, eventName, error));
    submit(client, Barrier{},
           [ackId, name = std::string(eventName), error](Client& settled,
                                                         const Result<Reply>& passed) {
               settled.send(refusalFrame(ackId, name, passed ? error : passed.error()));
           });
}

// A refusal may close a slow client, which tells of its connection's end: flush until nothing is
// gathered, as no further turn is guaranteed.
void Calls::flush() {
    while (!gathered_.empty()) {
        if (const auto allowed = admitRequests(shared_); !allowed) turnAway(allowed.error());
        shared_.requests->submit(gathered_, [this](const Request& request, const Error& error) {
            notTaken(request, error);
        });
    }
}

// All that was gathered, but for what only frees things.
void Calls::turnAway(const Error& error) {
    const std::vector<Request> turned = std::exchange(gathered_, {});
    for (const auto& request : turned) {
        if (std::holds_alternative<ConnectionClosed>(request.work)) {
            gathered_.push_back(request);
        } else {
            notTaken(request, error);
        }
    }
}

void Calls::notTaken(const Request& request, const Error& error) {
    const auto connection = request.origin.connection;
    if (std::holds_alternative<ConnectionClosed>(request.work)) {
        logger().debug("connection_closed_untold code={}", error.name());
        return;
    }
    // The client holds a pid that would be good for nothing: closed, it comes back for another.
    if (std::holds_alternative<OpenSession>(request.work)) {
        loop_.post([this, connection] {
            loop_.sessions().close(connection, engineio::CloseReason::comeBack);
        });
        return;
    }
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    const auto address = ReplyAddress::in(request.origin);
    if (const auto call = address.callOf(connection)) {
        meter().refused(*call, error.code, preciseTime());
        Client* client = clients_.find(connection);
        if (client && client->connected()) client->send(refusalFrame(*call, error));
    } else {
        resume(connection, address.number(), error);
    }
    end(connection);
}

void Calls::answer(const Answer& answer) {
    shared_.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    const auto& address = answer.address;
    if (address.way() == ReplyAddress::Way::http) {
        if (answer.refusal) meter().refused(*answer.refusal);
        return loop_.respond(address.number(), responseOf(answer));
    }
    if (answer.reply) {
        resume(answer.connection, address.number(), *answer.reply);
    } else if (Client* client = clients_.find(answer.connection); client && client->connected()) {
        client->send(frameOf(answer));
    }
    if (const auto call = address.callOf(answer.connection)) note(*call, answer.refusal);
    end(answer.connection);
}

void Calls::note(const SocketCall& call, std::optional<ErrorCode> refusal) {
    const auto now = preciseTime();
    if (refusal) return meter().refused(call, *refusal, now);
    meter().done(call, now);
}

void Calls::resume(ConnectionId connection, std::uint64_t number, const Result<Reply>& reply) {
    const auto continuation = continuations_.extract(number);
    Client* client = clients_.find(connection);
    if (client && client->takesAnswers()) continuation.mapped()(*client, reply);
}

void Calls::end(ConnectionId connection) {
    if (Client* client = clients_.find(connection)) client->callEnded();
}

}  // namespace parley
