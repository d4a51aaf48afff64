#include "engineio/endpoint_impl.h"

#include <parley/core/json.h>

#include <utility>

namespace parley::engineio {
namespace {

// How long a closed polling session waits for the poll that fetches the rest.
constexpr std::chrono::milliseconds kLinger{30'000};

std::uint16_t socketCloseFor(CloseReason reason) {
    switch (reason) {
        case CloseReason::transportError:
        case CloseReason::parseError: return close_code::protocolError;
        case CloseReason::pingTimeout:
        case CloseReason::tooManyRefusals:
        case CloseReason::slowClient: return close_code::policy;
        case CloseReason::transportClose:
        case CloseReason::comeBack:
        case CloseReason::forcedClose: break;
    }
    return close_code::normal;
}

/// What the close frame says, where the client could not know it otherwise.
std::string_view socketReasonFor(CloseReason reason) {
    return reason == CloseReason::tooManyRefusals ? "asks too often" : "";
}

std::size_t transportIndexOf(const Session& session) {
    const auto kind =
        session.polling == nullptr ? TransportKind::webSocket : TransportKind::polling;
    return static_cast<std::size_t>(kind);
}

// After a close packet some stock clients stay away for good (python-engineio does). A client that
// should come back gets a noop instead: its next poll finds no session, and then every client
// connects anew.
bool shouldReconnect(CloseReason reason) {
    return reason == CloseReason::slowClient || reason == CloseReason::pingTimeout ||
           reason == CloseReason::comeBack || reason == CloseReason::tooManyRefusals;
}

}  // namespace

Endpoint::Impl::Impl(const Options& settings, LoopIndex index, const Clock& time, Random& entropy,
                     Wire& output, Application& served)
    : options(settings),
      loop(index),
      clock(time),
      random(entropy),
      wire(output),
      application(served),
      sessions(options.node, index) {}

// ---- handshakes

std::optional<Refusal> Endpoint::Impl::verifyHandshake(const Query& query) const {
    if (query.eio != "4") return makeRefusal(RefusalCode::unsupportedVersion);
    if (refusesNew) {
        ++counters.refusedDraining;
        return Refusal{503, 3, "Shutting down"};
    }
    if (sessions.size() >= options.sessionsMax) {
        ++counters.refusedFull;
        return Refusal{503, 3, "Too many sessions"};
    }
    return std::nullopt;
}

void Endpoint::Impl::refuse(RequestNumber request, const Refusal& refusal) {
    wire.refuse(request, refusal);
}

Session& Endpoint::Impl::open() {
    SidSecret secret;
    random.fill(secret);
    Session& session = sessions.create(secret);
    ++openCount;
    restartPing(session);
    return session;
}

std::string Endpoint::Impl::openPacket(const Session& session, bool upgradable) const {
    std::string packet = "0{\"sid\":\"";
    packet += sessions.sidOf(session);
    packet += upgradable ? "\",\"upgrades\":[\"websocket\"]" : "\",\"upgrades\":[]";
    packet += ",\"pingInterval\":";
    appendInt(packet, options.pingInterval.count());
    packet += ",\"pingTimeout\":";
    appendInt(packet, options.pingTimeout.count());
    packet += ",\"maxPayload\":";
    appendInt(packet, static_cast<std::int64_t>(options.maxPayloadBytes));
    packet += '}';
    return packet;
}

// ---- both transports

Session* Endpoint::Impl::openSession(ConnectionId number) const {
    Session* session = sessions.find(number);
    return session != nullptr && session->state == SessionState::open ? session : nullptr;
}

// Takes one packet of an open session. The session may be gone afterwards, as the application may
// have closed it.
Endpoint::Impl::Received Endpoint::Impl::receiveText(Session& session, std::string_view packet) {
    if (packet.empty()) return Received::parseError;
    const std::string_view data = packet.substr(1);
    switch (packet.front()) {
        case '0':  // open, upgrade and noop mean nothing here; the reference ignores them too
        case '5':
        case '6': return Received::ok;
        case '1': return Received::clientClosed;
        case '2':  // only the server pings
            return Received::transportError;
        case '3': onPong(session); return Received::ok;
        case '4':
            ++counters.received[transportIndexOf(session)];
            application.onMessage(session.number, false, data);
            return Received::ok;
        case 'b': {
            const auto message = decodeBase64(data);
            return message ? receiveBinary(session, *message) : Received::parseError;
        }
        default: return Received::parseError;
    }
}

Endpoint::Impl::Received Endpoint::Impl::receiveBinary(Session& session, std::string_view message) {
    ++counters.received[transportIndexOf(session)];
    application.onMessage(session.number, true, message);
    return Received::ok;
}

// Ends a session at once. A poll that waits gets what fits into it; the rest of the queue is lost.
void Endpoint::Impl::end(Session& session, CloseReason reason, std::uint16_t code) {
    const ConnectionId number = session.number;
    const bool wasOpen = session.state == SessionState::open;
    if (session.polling == nullptr) {
        if (sockets.erase(session.socket) != 0) {
            closeSocket(session.socket, code, socketReasonFor(reason));
        }
    } else if (session.polling->hasParked) {
        std::string body = takePayload(*session.polling);
        if (shouldReconnect(reason)) {
            appendNoop(body);
        } else {
            appendClose(body);
        }
        answerParked(session, 200, kPollContentType, std::move(body));
    }
    free(session);
    if (wasOpen) application.onClose(number, reason);
}

// Ends a session from this side. A polling one lives on until its polls have fetched what is
// queued.
void Endpoint::Impl::close(Session& session, CloseReason reason, std::uint16_t code) {
    if (session.polling == nullptr || reason == CloseReason::slowClient) {
        end(session, reason, code);
        return;
    }
    const ConnectionId number = session.number;
    session.polling->comesBack = shouldReconnect(reason);
    leaveOpen(session, SessionState::closing);
    flush(session);
    application.onClose(number, reason);
}

// From here on the session exists for late requests only, for kLinger at most.
void Endpoint::Impl::leaveOpen(Session& session, SessionState state) {
    --openCount;
    if (session.polling != nullptr) --counters.pollingOpen;
    answerHeldPost(session);
    session.state = state;
    lingering.start(session, clock.monotonic() + kLinger);
}

void Endpoint::Impl::free(Session& session) {
    if (session.polling != nullptr && session.polling->hasProbe) {
        dropProbe(session, close_code::normal);
    }
    if (session.state == SessionState::open) {
        --openCount;
        if (session.polling != nullptr) --counters.pollingOpen;
    }
    answerHeldPost(session);
    if (session.polling != nullptr && session.polling->pace.over()) --counters.pollersOver;
    sessions.destroy(session);
}

// ---- time

void Endpoint::Impl::restartPing(Session& session) {
    if (session.polling != nullptr && session.polling->givenUp) return;
    session.awaitsPong = false;
    pings.start(session, clock.monotonic() + options.pingInterval);
}

void Endpoint::Impl::onPong(Session& session) {
    if (session.awaitsPong && !session.paused) {
        pingRoundTrips.observe(clock.monotonic() - (session.deadline - options.pingTimeout));
    }
    restartPing(session);
}

// The pong of a session that is not read could not be heard. Pings go on, as clients expect them.
void Endpoint::Impl::setPaused(Session& session, bool paused) {
    if (session.paused == paused) return;
    session.paused = paused;
    if (!session.awaitsPong || session.state != SessionState::open) return;
    if (session.polling != nullptr && session.polling->givenUp) return;
    if (paused) {
        pings.start(session, clock.monotonic() + options.pingInterval);
    } else {
        pongs.start(session, clock.monotonic() + options.pingTimeout);
    }
}

void Endpoint::Impl::sendDuePings(std::chrono::milliseconds now) {
    // A pong is due pingTimeout after its ping was due. Clients must not pay for a thread that was
    // held up: then the time counts from now, except for polling clients without a poll that waits,
    // which the delay of the ping has cost nothing.
    const auto first = pings.nextDeadline();
    const bool heldUp = first && now - *first > options.pingTimeout / 2;
    TimerList keptWaiting;
    while (Timer* due = pings.takeDue(now)) {
        auto& session = static_cast<Session&>(*due);
        session.awaitsPong = true;
        const bool waits = session.polling == nullptr || session.polling->hasParked;
        if (session.paused) {
            pings.start(session, now + options.pingInterval);
        } else if (heldUp && waits) {
            keptWaiting.start(session, now + options.pingTimeout);
        } else {
            pongs.start(session, session.deadline + options.pingTimeout);
        }
        if (session.polling == nullptr) {
            wire.sendFrame(session.socket, pingFrame);
        } else {
            enqueue(session, pingFrame);
        }
    }
    while (Timer* kept = keptWaiting.takeDue(std::chrono::milliseconds::max())) {
        pongs.start(*kept, now + options.pingTimeout);
    }
}

// ---- the contract

std::string_view closeReasonName(CloseReason reason) {
    static constexpr std::array<std::string_view, kCloseReasonCount> kNames{
        "transport_close", "transport_error", "ping_timeout",      "parse_error",
        "forced_close",    "come_back",       "too_many_refusals", "slow_client"};
    return kNames[static_cast<std::size_t>(reason)];
}

Endpoint::Endpoint(const Options& options, LoopIndex loop, const Clock& clock, Random& random,
                   Wire& wire, Application& application)
    : impl_(std::make_unique<Impl>(options, loop, clock, random, wire, application)) {}

Endpoint::~Endpoint() = default;

std::optional<LoopIndex> Endpoint::loopOf(std::string_view sid) {
    const auto decoded = decodeSid(sid);
    if (!decoded) return std::nullopt;
    return decoded->loop;
}

void Endpoint::onRequest(const PollingRequest& request) {
    impl_->onRequest(request);
}

void Endpoint::onRequestAborted(RequestNumber number) {
    if (impl_->forgetHeldPost(number)) return;
    const auto parked = impl_->parkedPolls.find(number);
    if (parked == impl_->parkedPolls.end()) return;
    Session* session = impl_->sessions.find(parked->second);
    impl_->parkedPolls.erase(parked);
    if (session == nullptr || session->polling == nullptr) return;
    session->polling->hasParked = false;
    impl_->end(*session, CloseReason::transportClose, close_code::normal);
}

std::optional<Refusal> Endpoint::onPostBegins(std::string_view sid,
                                              const Credentials& credentials) {
    return impl_->postBegins(sid, credentials);
}

void Endpoint::onPostEnds(std::string_view sid) {
    Session* session = impl_->sessions.find(sid);
    if (session != nullptr && session->polling != nullptr) session->polling->postArrives = false;
}

std::optional<Refusal> Endpoint::checkWebSocket(const Query& query,
                                                const Credentials& credentials) const {
    if (const auto refusal = impl_->verifyWebSocket(query)) return refusal;
    if (query.sid.empty()) return impl_->application.mayOpen(credentials);
    if (impl_->mayUpgrade(query.sid, credentials)) return std::nullopt;
    return makeRefusal(RefusalCode::forbidden);
}

void Endpoint::onWebSocketOpen(SocketNumber socket, const Query& query,
                               const Credentials& credentials) {
    impl_->openWebSocket(socket, query, credentials);
}

void Endpoint::onWebSocketMessage(SocketNumber socket, bool binary, std::string_view message) {
    impl_->receiveFrame(socket, binary, message);
}

void Endpoint::onWebSocketPaused(SocketNumber socket, bool paused) {
    const auto found = impl_->sockets.find(socket);
    if (found == impl_->sockets.end()) return;
    Session& session = *impl_->sessions.find(found->second);
    if (session.polling == nullptr) impl_->setPaused(session, paused);
}

void Endpoint::onWebSocketClosed(SocketNumber socket, CloseReason reason) {
    impl_->socketGone(socket, reason);
}

void Endpoint::send(ConnectionId number, const FramePtr& frame) {
    Session* session = impl_->openSession(number);
    if (session == nullptr) return;
    if (session->polling == nullptr) {
        ++impl_->counters.sent[static_cast<std::size_t>(TransportKind::webSocket)];
        impl_->wire.sendFrame(session->socket, frame);
    } else {
        ++impl_->counters.sent[static_cast<std::size_t>(TransportKind::polling)];
        impl_->enqueue(*session, frame);
    }
}

void Endpoint::checkEveryRequest(ConnectionId number) {
    if (Session* session = impl_->openSession(number)) session->checked = true;
}

void Endpoint::close(ConnectionId number, CloseReason reason) {
    if (Session* session = impl_->openSession(number)) {
        impl_->close(*session, reason, socketCloseFor(reason));
    }
}

void Endpoint::refuseNew() {
    impl_->refusesNew = true;
}

void Endpoint::closeAll() {
    impl_->refusesNew = impl_->shutDown = true;
    for (const ConnectionId number : impl_->sessions.numbers()) {
        if (Session* session = impl_->openSession(number)) {
            impl_->close(*session, CloseReason::forcedClose, close_code::goingAway);
        }
    }
}

bool Endpoint::has(ConnectionId session) const {
    return impl_->openSession(session) != nullptr;
}

std::optional<TransportKind> Endpoint::transportOf(ConnectionId number) const {
    const Session* session = impl_->openSession(number);
    if (session == nullptr) return std::nullopt;
    return session->polling == nullptr ? TransportKind::webSocket : TransportKind::polling;
}

void Endpoint::writeFirst(ConnectionId number) {
    const Session* session = impl_->openSession(number);
    if (session != nullptr && session->polling == nullptr) impl_->wire.writeFirst(session->socket);
}

std::size_t Endpoint::backlogBytes(ConnectionId number) const {
    const Session* session = impl_->openSession(number);
    if (session == nullptr) return 0;
    if (session->polling != nullptr) return session->polling->queueBytes.value();
    return impl_->wire.backlogBytes(session->socket);
}

std::vector<WaitingSession> Endpoint::waiting() const {
    std::vector<WaitingSession> found;
    impl_->stalls.forEach([&](const Timer& timer) {
        const Session& session = static_cast<const StallTimer&>(timer).session;
        if (session.state != SessionState::open) return;  // it lingers
        found.push_back(
            {session.number, session.polling->pace.movedAt(), session.polling->queueBytes.value()});
    });
    return found;
}

std::size_t Endpoint::sessionCount() const {
    return impl_->openCount;
}

const Histogram& Endpoint::pingRoundTrips() const {
    return impl_->pingRoundTrips;
}

EndpointCounters Endpoint::counters() const {
    EndpointCounters counters = impl_->counters;
    counters.pollsParked = impl_->parkedPolls.size();
    counters.queuedBytes = impl_->queuedBytes;
    return counters;
}

void Endpoint::tick(std::chrono::milliseconds now) {
    while (Timer* due = impl_->pongs.takeDue(now)) {
        ++impl_->counters.pingTimeouts;
        impl_->end(static_cast<Session&>(*due), CloseReason::pingTimeout,
                   socketCloseFor(CloseReason::pingTimeout));
    }
    impl_->sendDuePings(now);
    while (Timer* due = impl_->stalls.takeDue(now)) {
        impl_->judge(static_cast<StallTimer&>(*due).session, now);
    }
    while (Timer* due = impl_->givenUp.takeDue(now)) {
        impl_->end(static_cast<Session&>(*due), CloseReason::slowClient,
                   socketCloseFor(CloseReason::slowClient));
    }
    while (Timer* due = impl_->upgrades.takeDue(now)) {
        impl_->dropProbe(static_cast<Polling&>(*due).session, close_code::normal);
    }
    while (Timer* due = impl_->lingering.takeDue(now)) {
        impl_->end(static_cast<Session&>(*due), CloseReason::forcedClose, close_code::normal);
    }
}

std::optional<std::chrono::milliseconds> Endpoint::nextDeadline() const {
    std::optional<std::chrono::milliseconds> next;
    for (const TimerList* list : {&impl_->pings, &impl_->pongs, &impl_->upgrades, &impl_->lingering,
                                  &impl_->givenUp, &impl_->stalls}) {
        const auto deadline = list->nextDeadline();
        if (deadline && (!next || *deadline < *next)) next = deadline;
    }
    return next;
}

}  // namespace parley::engineio
