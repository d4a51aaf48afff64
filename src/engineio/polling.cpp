#include "engineio/endpoint_impl.h"

#include <parley/core/utf8.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace parley::engineio {
namespace {

// What a queued frame costs besides its bytes: a pointer, a separator, its share of the frame.
constexpr std::size_t kQueuedFrameBytes = 32;

std::size_t queueCost(const Frame& frame) {
    return payloadBytes(frame) + kQueuedFrameBytes;
}

std::size_t dropDroppable(Polling& polling) {
    return std::erase_if(polling.queue, [&](const FramePtr& frame) {
        if (!frame->droppable()) return false;
        polling.queueBytes.set(polling.queueBytes.value() - queueCost(*frame));
        return true;
    });
}

}  // namespace

void Endpoint::Impl::onRequest(const PollingRequest& request) {
    if (request.method == "OPTIONS") {
        wire.respond(request.number, 204, kPollContentType, {});
        return;
    }
    const Query query = parseQuery(request.query);
    const bool polling = query.transport == "polling" && options.polling;
    const bool webSocket = query.transport == "websocket" && options.webSocket;
    if (!polling && !webSocket) {
        refuse(request.number, RefusalCode::transportUnknown);
        return;
    }
    if (query.sid.empty()) {
        handshakePolling(request, query);
        return;
    }
    Session* session = sessions.find(query.sid);
    if (session != nullptr && request.method == "GET" && session->awaitsPong && !session->paused &&
        session->state == SessionState::open && session->deadline <= clock.monotonic()) {
        // The ping timeout is over, though its timer has not run yet. A POST is let through: it may
        // hold the pong, read late.
        ++counters.pingTimeouts;
        end(*session, CloseReason::pingTimeout, close_code::policy);
        session = nullptr;
    }
    if (session == nullptr) {
        refuse(request.number, RefusalCode::sessionUnknown);
    } else if (!mayPoll(*session, request.credentials)) {
        refuse(request.number, RefusalCode::forbidden);
    } else if (webSocket || session->polling == nullptr) {
        refuse(request.number, RefusalCode::badRequest);
    } else if (request.method == "GET") {
        poll(*session, request.number);
    } else if (request.method == "POST") {
        post(*session, request);
    } else {
        refuse(request.number, RefusalCode::badRequest);
    }
}

void Endpoint::Impl::handshakePolling(const PollingRequest& request, const Query& query) {
    if (request.method != "GET") {
        refuse(request.number, RefusalCode::badHandshakeMethod);
        return;
    }
    if (query.transport != "polling") {
        refuse(request.number, RefusalCode::badRequest);
        return;
    }
    if (const auto refusal = verifyHandshake(query)) {
        refuse(request.number, *refusal);
        return;
    }
    if (const auto refusal = application.mayOpen(request.credentials)) {
        refuse(request.number, *refusal);
        return;
    }
    Session& session = open();
    session.polling = std::make_unique<Polling>(session, queuedBytes);
    ++counters.pollingOpen;
    wire.respond(request.number, 200, kPollContentType, openPacket(session, options.webSocket));
    application.onOpen(session.number, {query.text, request.credentials});
}

void Endpoint::Impl::poll(Session& session, RequestNumber request) {
    if (session.state == SessionState::clientClosed) {
        wire.respond(request, 200, kPollContentType, "6");
        free(session);
        return;
    }
    Polling& polling = *session.polling;
    if (polling.hasParked) {
        end(session, CloseReason::transportError, close_code::protocolError);
        refuse(request, RefusalCode::badRequest);
        return;
    }
    polling.parked = request;
    polling.hasParked = true;
    parkedPolls.emplace(request, session.number);
    const bool probed = polling.probed;
    const ConnectionId number = session.number;
    flush(session);
    // The client is changing its transport: its polls must not hang.
    if (probed && sessions.find(number) != nullptr && polling.hasParked) {
        answerParked(session, 200, kPollContentType, "6");
    }
}

// Whether a poll or a POST may use the session. Free where there are no credentials and none are
// wanted.
bool Endpoint::Impl::mayPoll(const Session& session, const Credentials& credentials) const {
    if (credentials.empty() && !session.checked) return true;
    if (session.state != SessionState::open) return true;  // the application has forgotten it
    if (application.mayUse(session.number, TransportKind::polling, credentials)) return true;
    ++counters.refusedCredentials;
    return false;
}

std::optional<Refusal> Endpoint::Impl::postBegins(std::string_view sid,
                                                  const Credentials& credentials) {
    Session* session = sessions.find(sid);
    if (session == nullptr || session->polling == nullptr) return std::nullopt;
    if (session->state != SessionState::open) return std::nullopt;
    if (!mayPoll(*session, credentials)) return makeRefusal(RefusalCode::forbidden);
    const bool another = session->polling->hasHeldPost;
    if (std::exchange(session->polling->postArrives, true) || another) {
        end(*session, CloseReason::transportError, close_code::protocolError);
    }
    return std::nullopt;
}

void Endpoint::Impl::post(Session& session, const PollingRequest& request) {
    if (request.body.size() > options.maxPayloadBytes) {
        wire.respond(request.number, 413, kPollContentType, {});
        return;
    }
    if (session.state != SessionState::open) {
        wire.respond(request.number, 200, "text/html", "ok");
        return;
    }
    if (session.polling->postArrives || session.polling->hasHeldPost) {
        end(session, CloseReason::transportError, close_code::protocolError);
        refuse(request.number, RefusalCode::badRequest);
        return;
    }
    const ConnectionId number = session.number;
    const Received received = receivePayload(number, request.body);
    Session* after = openSession(number);
    if (received == Received::parseError || received == Received::transportError) {
        if (after != nullptr) {
            end(*after,
                received == Received::parseError ? CloseReason::parseError
                                                 : CloseReason::transportError,
                close_code::protocolError);
        }
        refuse(request.number, RefusalCode::badRequest);
        return;
    }
    Polling* polling = after != nullptr ? after->polling.get() : nullptr;
    // A client sends its next POST after the answer to this one, so holding the answer back bounds
    // what it can ask for. A client that is changing its transport needs the answer to go on.
    if (polling != nullptr && received == Received::ok && polling->pace.over() &&
        !polling->probed) {
        polling->heldPost = request.number;
        polling->hasHeldPost = true;
        heldPosts.emplace(request.number, number);
        flush(*after);
        return;
    }
    wire.respond(request.number, 200, "text/html", "ok");
    if (after == nullptr) return;
    if (received == Received::clientClosed) {
        endByClient(*after);
    } else {
        flush(*after);
    }
}

// Takes the packets of a body in their order, until one of them or the application ends the
// session.
Endpoint::Impl::Received Endpoint::Impl::receivePayload(ConnectionId number,
                                                        std::string_view body) {
    if (!isUtf8(body)) return Received::parseError;
    posting = number;
    Received received = Received::ok;
    for (bool more = true; more && received == Received::ok;) {
        const std::size_t end = body.find(kPacketSeparator);
        const std::string_view packet = body.substr(0, end);
        more = end != body.npos;
        if (more) body.remove_prefix(end + 1);
        Session* session = openSession(number);
        if (session == nullptr) break;
        received = receiveText(*session, packet);
    }
    posting = {};
    return received;
}

// Carries out the client's close packet. Its poll gets a noop, even one that arrives later over
// another connection.
void Endpoint::Impl::endByClient(Session& session) {
    const ConnectionId number = session.number;
    if (session.polling->hasParked) {
        answerParked(session, 200, kPollContentType, "6");
        free(session);
    } else {
        if (session.polling->hasProbe) dropProbe(session, close_code::normal);
        session.polling->queue = {};
        session.polling->queueBytes.set(0);
        session.polling->stall.stop();
        leaveOpen(session, SessionState::clientClosed);
    }
    application.onClose(number, CloseReason::transportClose);
}

void Endpoint::Impl::enqueue(Session& session, const FramePtr& frame) {
    Polling& polling = *session.polling;
    if (polling.givenUp) return;
    const std::size_t bytes = polling.queueBytes.value() + queueCost(*frame);
    // Half of the queue is kept for frames that must not be lost.
    if (frame->droppable() && bytes > options.queueBytesMax / 2) {
        ++counters.framesDropped;
        return;
    }
    const bool first = polling.queue.empty();
    polling.queue.push_back(frame);
    polling.queueBytes.set(bytes);
    if (posting != session.number) flush(session);
    if (first && !polling.queue.empty()) {
        const auto now = clock.monotonic();
        polling.pace = Pace(now);
        stalls.start(polling.stall, now + options.stalled);
    }
    if (polling.queueBytes.value() <= options.queueBytesMax) return;
    counters.framesDropped += dropDroppable(polling);
    if (polling.queueBytes.value() > options.queueBytesMax) setOver(session, true);
}

// A client beyond its limit is not heard until half of the limit is left. What others send to it
// still queues; `judge` bounds how long.
void Endpoint::Impl::setOver(Session& session, bool over) {
    Polling& polling = *session.polling;
    if (polling.pace.over() == over) return;
    polling.pace.setOver(over, clock.monotonic());
    over ? ++counters.pollersOver : --counters.pollersOver;
    setPaused(session, over);
    if (!over) answerHeldPost(session);
}

void Endpoint::Impl::answerHeldPost(Session& session) {
    if (session.polling == nullptr || !session.polling->hasHeldPost) return;
    session.polling->hasHeldPost = false;
    heldPosts.erase(session.polling->heldPost);
    wire.respond(session.polling->heldPost, 200, "text/html", "ok");
}

bool Endpoint::Impl::forgetHeldPost(RequestNumber request) {
    const auto held = heldPosts.find(request);
    if (held == heldPosts.end()) return false;
    Session* session = sessions.find(held->second);
    if (session != nullptr && session->polling != nullptr) session->polling->hasHeldPost = false;
    heldPosts.erase(held);
    return true;
}

// No poll came for Options::stalled. None has to come while the client is still taking the answer
// to the last one.
void Endpoint::Impl::judge(Session& session, std::chrono::milliseconds now) {
    Polling& polling = *session.polling;
    const std::size_t unread = wire.unreadBytes(polling.answered);
    if (unread > 0 && unread < polling.unread) {
        polling.unread = unread;
        polling.pace.took(1, now);
        stalls.start(polling.stall, now + options.stalled);
        return;
    }
    if (session.state != SessionState::open) return;  // it lingers, with a timer of its own
    giveUp(session);
}

// The next tick ends the session, not this call: the caller may be in the middle of a room's
// members.
void Endpoint::Impl::giveUp(Session& session) {
    ++counters.slowClients;
    session.polling->givenUp = true;
    session.polling->queue = {};
    session.polling->queueBytes.set(0);
    session.polling->stall.stop();
    session.awaitsPong = false;
    givenUp.start(session, clock.monotonic());
}

// Answers the parked poll with what is queued, if there is a poll and something queued. Frees a
// closing session once everything is fetched.
void Endpoint::Impl::flush(Session& session) {
    Polling& polling = *session.polling;
    const bool closing = session.state == SessionState::closing;
    if (!polling.hasParked || (polling.queue.empty() && !closing)) return;
    std::string body = takePayload(polling);
    if (!closing && !polling.queue.empty() &&
        polling.pace.isTooSlow(clock.monotonic(), options.stalled)) {
        giveUp(session);
        return;
    }
    const bool last = closing && polling.queue.empty();
    // After a close packet some clients stay away for good. Those that should come back, as all
    // when the server stops, get a noop: their next poll then finds no session.
    const bool comesBack = shutDown || polling.comesBack;
    if (last && comesBack) appendNoop(body);
    if (last && !comesBack) appendClose(body);
    answerParked(session, 200, kPollContentType, std::move(body));
    if (last) {
        free(session);
    } else if (polling.queueBytes.value() <= options.queueBytesMax / 2) {
        setOver(session, false);
    }
}

// Takes as many packets as fit into one response, at least one.
std::string Endpoint::Impl::takePayload(Polling& polling) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (; count < polling.queue.size(); ++count) {
        const std::size_t more = payloadBytes(*polling.queue[count]) + (count > 0 ? 1 : 0);
        if (count > 0 && bytes + more > options.maxPayloadBytes) break;
        bytes += more;
    }
    std::string body;
    body.reserve(bytes + 2);
    for (std::size_t i = 0; i < count; ++i) {
        appendToPayload(body, *polling.queue[i]);
        polling.queueBytes.set(polling.queueBytes.value() - queueCost(*polling.queue[i]));
    }
    polling.queue.erase(polling.queue.begin(),
                        polling.queue.begin() + static_cast<std::ptrdiff_t>(count));
    // A queue that was long once must not keep its memory for an idle session.
    if (polling.queue.empty() && polling.queue.capacity() > 16) polling.queue.shrink_to_fit();
    if (polling.queue.empty()) {
        polling.stall.stop();
    } else if (count > 0) {
        const auto now = clock.monotonic();
        polling.pace.took(body.size(), now);
        stalls.start(polling.stall, now + options.stalled);
    }
    return body;
}

void Endpoint::Impl::answerParked(Session& session, int status, std::string_view contentType,
                                  std::string body) {
    Polling& polling = *session.polling;
    polling.hasParked = false;
    polling.answered = polling.parked;
    polling.unread = std::numeric_limits<std::size_t>::max();
    parkedPolls.erase(polling.parked);
    wire.respond(polling.parked, status, contentType, std::move(body));
}

}  // namespace parley::engineio
