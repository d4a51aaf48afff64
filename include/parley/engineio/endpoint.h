#pragma once

#include <parley/core/clock.h>
#include <parley/core/numbers.h>
#include <parley/core/random.h>
#include <parley/engineio/frame.h>
#include <parley/engineio/options.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Engine.IO v4 (https://github.com/socketio/engine.io-protocol) as a pure state machine:
/// requests, WebSocket messages and time in; responses, frames and messages out. No sockets.
/// One `Endpoint` belongs to one loop; every call comes from that loop's thread, and none blocks.
namespace parley::engineio {

/// An HTTP request that awaits its response; chosen by the caller.
using RequestNumber = std::uint64_t;
/// A WebSocket; chosen by the caller, unique while the socket lives.
using SocketNumber = std::uint64_t;

enum class TransportKind : std::uint8_t { polling, webSocket };

/// Why a session ended, as Engine.IO names it.
enum class CloseReason : std::uint8_t {
    transportClose,  ///< the client's connection went away, or it sent a close packet
    transportError,  ///< the client broke the transport's rules (second poll, bad frame)
    pingTimeout,     ///< no pong in time
    parseError,      ///< a packet that is not Engine.IO
    forcedClose,     ///< closed by this server
    slowClient,      ///< it took too little of what waited for it, see Options::stalled
};

/// A parsed HTTP request for the Engine.IO path.
struct PollingRequest {
    RequestNumber number = 0;
    std::string_view method;  ///< "GET", "POST", "OPTIONS" ...
    std::string_view query;   ///< of the URL, without '?', still percent-encoded
    std::string_view body;    ///< whole
};

/// The parameters of the URL that Engine.IO reads.
struct Query {
    std::string eio;
    std::string transport;
    std::string sid;
    std::string_view text{};  ///< what was parsed, as it came; lives as long as that
};
Query parseQuery(std::string_view query);

/// What a refused handshake or request is answered with: {"code":0..5,"message":"..."} as the
/// reference server sends it.
struct Refusal {
    int httpStatus = 400;
    int code = 3;
    std::string_view message;
    std::string body() const;
};
/// The reference server's table.
enum class RefusalCode : std::uint8_t {
    transportUnknown = 0,
    sessionUnknown = 1,
    badHandshakeMethod = 2,
    badRequest = 3,
    forbidden = 4,  ///< status 403; never by this layer: for a caller that checks origins
    unsupportedVersion = 5,
};
Refusal makeRefusal(RefusalCode code);

/// Where a server's output goes. Called from within the server's own calls; an
/// implementation may queue, and must not call back into the server.
class Wire {
public:
    virtual ~Wire() = default;
    /// Answers `number`; each request is answered exactly once.
    virtual void respond(RequestNumber number, int status, std::string_view contentType,
                         std::string body) = 0;
    /// Queues one frame; written once per loop turn.
    virtual void sendFrame(SocketNumber socket, const FramePtr& frame) = 0;
    /// Asks for what this turn queues for it to be written before that of others.
    virtual void writeFirst(SocketNumber socket) { static_cast<void>(socket); }
    /// Sends what is queued, then a WebSocket close frame with `code`, then closes.
    /// The server knows nothing of the socket from here on: what still comes from it is ignored.
    virtual void closeSocket(SocketNumber socket, std::uint16_t code) = 0;
    /// Bytes of the answer to `request`, and of those before it on its connection, that the client
    /// has not acknowledged; 0 when that connection is gone.
    virtual std::size_t unreadBytes(RequestNumber request) {
        static_cast<void>(request);
        return 0;
    }
    /// Bytes queued for a socket and not yet taken by the network; for pacing, not exact.
    virtual std::size_t backlogBytes(SocketNumber socket) {
        static_cast<void>(socket);
        return 0;
    }
};

/// What uses the sessions: Socket.IO, or an echo. Its methods may call `Endpoint::send`, `close`
/// and the const ones, nothing else.
class Application {
public:
    virtual ~Application() = default;
    /// A session began. `query`: of the URL that opened it, still percent-encoded; the view lives
    /// until the call returns.
    virtual void onOpen(ConnectionId session, std::string_view query) = 0;
    /// One message of the client; the view lives until the call returns.
    virtual void onMessage(ConnectionId session, bool binary, std::string_view message) = 0;
    /// Last call for this session.
    virtual void onClose(ConnectionId session, CloseReason reason) = 0;
};

/// What happened so far, for metrics.
struct EndpointCounters {
    std::uint64_t framesDropped = 0;    ///< droppable ones that a slow poller did not get
    std::uint64_t slowClients = 0;      ///< polling sessions ended as slow
    std::uint64_t pingTimeouts = 0;     ///< sessions ended for want of a pong
    std::uint64_t refusedFull = 0;      ///< handshakes refused, `sessionsMax` was reached
    std::uint64_t refusedDraining = 0;  ///< handshakes refused, the server is stopping
    std::uint64_t pollsParked = 0;      ///< now
    std::uint64_t pollersOver = 0;      ///< now: beyond `queueBytesMax`, their POSTs unanswered
    std::uint64_t queuedBytes = 0;      ///< now: waiting for polls
};

/// A polling session for which something waits.
struct WaitingSession {
    ConnectionId number;
    std::chrono::milliseconds movedAt{0};  ///< when it last took something, or began to be owed
    std::size_t bytes = 0;
};

/// All Engine.IO sessions of one loop.
class Endpoint {
public:
    /// `loop` goes into the ids of connections and into sids. The references outlive the server.
    Endpoint(const Options& options, LoopIndex loop, const Clock& clock, Random& random, Wire& wire,
             Application& application);
    ~Endpoint();

    /// Which loop made `sid`; nothing when it cannot be one of ours. A request for a session of
    /// another loop is handed over to that loop before any other call here. Any thread.
    static std::optional<LoopIndex> loopOf(std::string_view sid);

    /// A whole request for the Engine.IO path over HTTP. Answered now or, for a poll without
    /// anything to deliver, later. Headers (CORS, Cache-Control: no-store) are the caller's.
    void onRequest(const PollingRequest& request);
    /// The client went away before the answer: the session whose poll it was is closed.
    void onRequestAborted(RequestNumber number);

    /// A POST for `sid` has begun to arrive and is not whole. A client must not have two on their
    /// way at once, as their order would be anybody's guess: the session then ends, and further
    /// requests for it are refused. Say `onPostEnds` before its `onRequest`, or when it is given
    /// up.
    void onPostBegins(std::string_view sid);
    void onPostEnds(std::string_view sid);

    /// A WebSocket handshake for the Engine.IO path: refused before the 101 is sent, or
    /// accepted, which means that `onWebSocketOpen` follows once the 101 is queued. A second
    /// WebSocket for a session is accepted, and closed (1008) when it opens.
    std::optional<Refusal> checkWebSocket(const Query& query) const;
    void onWebSocketOpen(SocketNumber socket, const Query& query);
    void onWebSocketMessage(SocketNumber socket, bool binary, std::string_view message);
    /// The socket's input is not read (any more), because too much waits to be sent to it, or is
    /// again. Its ping timeout does not run meanwhile; afterwards a pong has all the time again.
    void onWebSocketPaused(SocketNumber socket, bool paused);
    /// The socket is gone; nothing more may be sent to it. `reason`: what the application is told
    /// where it was a session's transport.
    void onWebSocketClosed(SocketNumber socket, CloseReason reason);

    /// Sends one message. Nothing happens when the session is gone. For a WebSocket session this
    /// is an index, a comparison and Wire::sendFrame; it allocates nothing. A session that polls
    /// too slowly loses droppable frames, and ends at some `tick` (`slowClient`): this never calls
    /// the application.
    void send(ConnectionId session, const FramePtr& frame);
    /// What this turn is about to send to the session is to leave before what others are sent;
    /// said before that. For a WebSocket's sessions; else nothing happens.
    void writeFirst(ConnectionId session);
    /// Ends a session: delivers what is queued, then a close packet or frame.
    /// `Application::onClose` is called within.
    void close(ConnectionId session, CloseReason reason = CloseReason::forcedClose);
    /// Refuses new sessions with 503 from now on; those there are go on.
    void refuseNew();
    /// Ends all of them and refuses new ones with 503 (shutdown).
    void closeAll();
    /// Whether the session is open: neither `onClose` nor a close has happened.
    bool has(ConnectionId session) const;
    /// Nothing when the session is gone.
    std::optional<TransportKind> transportOf(ConnectionId session) const;
    /// Bytes that wait to be sent to a session; 0 when it is gone. For pacing, not exact.
    std::size_t backlogBytes(ConnectionId session) const;
    /// Polling sessions for which something waits.
    std::vector<WaitingSession> waiting() const;
    /// Open sessions.
    std::size_t sessionCount() const;
    EndpointCounters counters() const;

    /// Runs every timer that is due: pings, ping timeouts, upgrade timeouts. O(due).
    void tick(std::chrono::milliseconds monotonicNow);
    /// When `tick` has work next (on Clock::monotonic); nothing when no timer runs.
    std::optional<std::chrono::milliseconds> nextDeadline() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace parley::engineio
