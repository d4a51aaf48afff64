#pragma once

#include "engineio/payload.h"
#include "engineio/session.h"

#include <parley/engineio/close_code.h>
#include <parley/engineio/endpoint.h>

#include <unordered_map>

namespace parley::engineio {

struct Endpoint::Impl {
    Impl(const Options& options, LoopIndex loop, const Clock& clock, Random& random, Wire& wire,
         Application& application);

    // Handshakes (server.cpp).
    std::optional<Refusal> verifyHandshake(const Query& query) const;
    void refuse(RequestNumber request, const Refusal& refusal);
    void refuse(RequestNumber request, RefusalCode code) { refuse(request, makeRefusal(code)); }
    Session& open();
    std::string openPacket(const Session& session, bool upgradable) const;

    // Both transports (server.cpp).
    enum class Received : std::uint8_t { ok, clientClosed, parseError, transportError };
    Received receiveText(Session& session, std::string_view packet);
    Received receiveBinary(Session& session, std::string_view message);
    Session* openSession(ConnectionId number) const;
    void end(Session& session, CloseReason reason, std::uint16_t code);
    void close(Session& session, CloseReason reason, std::uint16_t code);
    void leaveOpen(Session& session, SessionState state);
    void free(Session& session);

    // Long-polling (polling.cpp).
    void onRequest(const PollingRequest& request);
    void handshakePolling(const PollingRequest& request, const Query& query);
    void poll(Session& session, RequestNumber request);
    void post(Session& session, const PollingRequest& request);
    bool mayPoll(const Session& session, const Credentials& credentials) const;
    std::optional<Refusal> postBegins(std::string_view sid, const Credentials& credentials);
    Received receivePayload(ConnectionId number, std::string_view body);
    void endByClient(Session& session);
    void enqueue(Session& session, const FramePtr& frame);
    void setOver(Session& session, bool over);
    void answerHeldPost(Session& session);
    bool forgetHeldPost(RequestNumber request);
    void judge(Session& session, std::chrono::milliseconds now);
    void giveUp(Session& session);
    void flush(Session& session);
    void answerParked(Session& session, int status, std::string_view contentType, std::string body);
    std::string takePayload(Polling& polling);

    // WebSocket and the upgrade to it (web_socket.cpp).
    std::optional<Refusal> verifyWebSocket(const Query& query) const;
    bool mayUpgrade(std::string_view sid, const Credentials& credentials) const;
    void openWebSocket(SocketNumber socket, const Query& query, const Credentials& credentials);
    void receiveFrame(SocketNumber socket, bool binary, std::string_view message);
    void receiveProbe(Session& session, bool binary, std::string_view message);
    void completeUpgrade(Session& session);
    void dropProbe(Session& session, std::uint16_t code);
    void forgetProbe(Polling& polling);
    void closeSocket(SocketNumber socket, std::uint16_t code, std::string_view reason = {});
    void socketGone(SocketNumber socket, CloseReason reason);

    // Time (server.cpp).
    void restartPing(Session& session);
    void onPong(Session& session);
    void setPaused(Session& session, bool paused);
    void sendDuePings(std::chrono::milliseconds now);

    const Options& options;
    const LoopIndex loop;
    const Clock& clock;
    Random& random;
    Wire& wire;
    Application& application;

    const FramePtr pingFrame = textFrame("2");
    const FramePtr probePongFrame = textFrame("3probe");

    std::size_t queuedBytes = 0;  // declared before the sessions, which end by subtracting from it
    SessionTable sessions;
    std::unordered_map<SocketNumber, ConnectionId> sockets;  // probes included
    std::unordered_map<RequestNumber, ConnectionId> parkedPolls;
    std::unordered_map<RequestNumber, ConnectionId> heldPosts;
    std::size_t openCount = 0;
    bool refusesNew = false;
    bool shutDown = false;
    mutable EndpointCounters counters;  // handshakes are also refused by const calls
    Histogram pingRoundTrips;
    ConnectionId posting;  // the session whose POST is read now: its poll is answered afterwards

    // Declared after the sessions: destroyed first, the lists let go of the sessions' timers.
    TimerList pings;
    TimerList pongs;
    TimerList upgrades;
    TimerList lingering;
    TimerList givenUp;
    TimerList stalls;
};

}  // namespace parley::engineio
