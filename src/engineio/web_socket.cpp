#include "engineio/endpoint_impl.h"

#include <utility>

namespace parley::engineio {

std::optional<Refusal> Endpoint::Impl::verifyWebSocket(const Query& query) const {
    const bool webSocket = query.transport == "websocket" && options.webSocket;
    const bool polling = query.transport == "polling" && options.polling;
    if (!webSocket && !polling) return makeRefusal(RefusalCode::transportUnknown);
    if (query.sid.empty()) {
        if (!webSocket) return makeRefusal(RefusalCode::badRequest);
        return verifyHandshake(query);
    }
    const Session* session = sessions.find(query.sid);
    if (session == nullptr || session->state == SessionState::clientClosed) {
        return makeRefusal(RefusalCode::sessionUnknown);
    }
    // A second WebSocket for a session is accepted and closed when it opens, as the reference
    // server does: clients handle a close, but not a refused handshake.
    if (!webSocket) return makeRefusal(RefusalCode::badRequest);
    return std::nullopt;
}

// Whether a WebSocket may be opened for the session `sid`, if it names one.
bool Endpoint::Impl::mayUpgrade(std::string_view sid, const Credentials& credentials) const {
    if (credentials.empty()) return true;
    const Session* session = sessions.find(sid);
    if (session == nullptr || session->state != SessionState::open) return true;
    if (application.mayUse(session->number, TransportKind::webSocket, credentials)) return true;
    ++counters.refusedCredentials;
    return false;
}

void Endpoint::Impl::openWebSocket(SocketNumber socket, const Query& query,
                                   const Credentials& credentials) {
    // The session may have ended between the check and the 101.
    if (verifyWebSocket(query)) {
        closeSocket(socket, close_code::policy);
        return;
    }
    if (!query.sid.empty()) {
        Session& session = *sessions.find(query.sid);
        if (session.polling == nullptr || session.polling->hasProbe) {
            closeSocket(socket, close_code::policy);
            return;
        }
        session.polling->probe = socket;
        session.polling->hasProbe = true;
        session.polling->probed = false;
        sockets.emplace(socket, session.number);
        upgrades.start(*session.polling, clock.monotonic() + options.upgradeTimeout);
        return;
    }
    Session& session = open();
    session.socket = socket;
    sockets.emplace(socket, session.number);
    wire.sendFrame(socket, textFrame(openPacket(session, false)));
    application.onOpen(session.number, {query.text, credentials});
}

void Endpoint::Impl::receiveFrame(SocketNumber socket, bool binary, std::string_view message) {
    const auto found = sockets.find(socket);
    if (found == sockets.end()) return;
    const ConnectionId number = found->second;
    Session& session = *sessions.find(number);
    if (session.polling != nullptr) {
        receiveProbe(session, binary, message);
        return;
    }
    if (message.size() > options.maxPayloadBytes) {
        end(session, CloseReason::transportError, close_code::tooBig);
        return;
    }
    const Received received =
        binary ? receiveBinary(session, message) : receiveText(session, message);
    Session* after = openSession(number);
    if (after == nullptr) return;
    switch (received) {
        case Received::ok: break;
        case Received::clientClosed:
            end(*after, CloseReason::transportClose, close_code::normal);
            break;
        case Received::parseError:
            end(*after, CloseReason::parseError, close_code::protocolError);
            break;
        case Received::transportError:
            end(*after, CloseReason::transportError, close_code::protocolError);
            break;
    }
}

void Endpoint::Impl::receiveProbe(Session& session, bool binary, std::string_view message) {
    Polling& polling = *session.polling;
    if (!binary && message == "2probe") {
        polling.probed = true;
        wire.sendFrame(polling.probe, probePongFrame);
        if (polling.hasParked) answerParked(session, 200, kPollContentType, "6");
        answerHeldPost(session);
    } else if (!binary && message == "5" && polling.givenUp) {
        // What was queued is lost: nothing later may reach the client.
        end(session, CloseReason::slowClient, close_code::policy);
    } else if (!binary && message == "5") {
        completeUpgrade(session);
    } else {
        dropProbe(session, close_code::protocolError);
    }
}

void Endpoint::Impl::completeUpgrade(Session& session) {
    // A client lets its polls end before it sends "5". A poll that still waits gets the answer that
    // later ones get.
    if (session.polling->hasParked) {
        const Refusal refusal = makeRefusal(RefusalCode::badRequest);
        answerParked(session, refusal.httpStatus, "application/json", refusal.body());
    }
    setOver(session, false);  // the socket has a limit of its own
    if (session.state == SessionState::open) --counters.pollingOpen;
    const auto polling = std::exchange(session.polling, nullptr);
    session.socket = polling->probe;
    for (const FramePtr& frame : polling->queue) wire.sendFrame(session.socket, frame);
    if (session.state == SessionState::closing) {
        end(session, CloseReason::forcedClose, close_code::normal);
    }
}

// Closes the probe; the session goes on polling.
void Endpoint::Impl::dropProbe(Session& session, std::uint16_t code) {
    Polling& polling = *session.polling;
    forgetProbe(polling);
    closeSocket(polling.probe, code);
}

void Endpoint::Impl::forgetProbe(Polling& polling) {
    polling.stop();
    polling.hasProbe = false;
    polling.probed = false;
    sockets.erase(polling.probe);
}

void Endpoint::Impl::closeSocket(SocketNumber socket, std::uint16_t code, std::string_view reason) {
    wire.closeSocket(socket, code, reason);
}

void Endpoint::Impl::socketGone(SocketNumber socket, CloseReason reason) {
    const auto found = sockets.find(socket);
    if (found == sockets.end()) return;
    Session& session = *sessions.find(found->second);
    if (session.polling != nullptr) {
        forgetProbe(*session.polling);
        return;
    }
    sockets.erase(found);
    end(session, reason, close_code::normal);
}

}  // namespace parley::engineio
