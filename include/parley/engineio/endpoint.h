#pragma once

#include <parley/core/client_address.h>
#include <parley/core/clock.h>
#include <parley/core/histogram.h>
#include <parley/core/numbers.h>
#include <parley/core/random.h>
#include <parley/engineio/frame.h>
#include <parley/engineio/options.h>

#include <array>
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
///
/// A session begins with a handshake by polling or WebSocket, and has one transport at a time. A
/// polling session may change to WebSocket: its client opens one as a probe, sends `2probe`, gets
/// `3probe`, lets its poll end and sends `5`. The server pings; a session whose pong is late ends.
namespace parley::engineio {

/// Names an HTTP request that awaits its response. The caller chooses it; unique until answered.
using RequestNumber = std::uint64_t;
/// Names a WebSocket. The caller chooses it; unique while the socket lives.
using SocketNumber = std::uint64_t;

/// How a session's packets travel.
enum class TransportKind : std::uint8_t { polling, webSocket };
inline constexpr std::size_t kTransportKindCount = 2;

/// Why a session ended, as Engine.IO names it. Goes to Application::onClose; the client is only
/// told by its WebSocket's close code.
enum class CloseReason : std::uint8_t {
    transportClose,   ///< the client's connection went away, or it sent a close packet
    transportError,   ///< the client broke the transport's rules (second poll, bad frame)
    pingTimeout,      ///< no pong in time
    parseError,       ///< a packet that is not Engine.IO
    forcedClose,      ///< closed by this server
    comeBack,         ///< the same, and the client is to connect anew by itself
    tooManyRefusals,  ///< it went on asking although it was refused again and again
    slowClient,       ///< it took too little of what waited for it, see Options::stalled
};
inline constexpr std::size_t kCloseReasonCount = 8;
/// As metrics name it: "transport_close". Static. Any thread.
std::string_view closeReasonName(CloseReason reason);

/// What an HTTP request says of who sends it. The views are values of its headers, as they came;
/// empty where it has none. Secrets: not for a log. This layer does not read them.
struct Credentials {
    std::string_view authorization;  ///< "Bearer TOKEN", or of another scheme
    std::string_view cookie;         ///< "a=1; b=2", with cookies of any purpose
    ClientAddress client{};          ///< no credential: for limits by address
    /// A header says that a proxy asks for somebody else, but not in a way that is believed: whose
    /// address `client` is, the proxy's or the client's, is not known.
    bool clientIsDoubtful = false;
    bool ownPage = true;  ///< no credential: false where a web page of another origin asks

    /// Whether there is neither of the headers.
    bool empty() const { return authorization.empty() && cookie.empty(); }
};

/// The request that opened a session. The views live until Application::onOpen returns.
struct Handshake {
    std::string_view query;  ///< of the URL, still percent-encoded
    Credentials credentials;
};

/// A parsed HTTP request for the Engine.IO path: a handshake, a poll or a POST of polling, or a
/// misplaced request, which is refused. The views live until Endpoint::onRequest returns.
struct PollingRequest {
    RequestNumber number = 0;
    std::string_view method;  ///< "GET", "POST", "OPTIONS" ...
    std::string_view query;   ///< of the URL, without '?', still percent-encoded
    std::string_view body;    ///< whole
    Credentials credentials{};
};

/// The parameters of the URL that Engine.IO reads, decoded; empty where the URL has none.
struct Query {
    std::string eio;          ///< "EIO", the protocol's version: "4"
    std::string transport;    ///< "polling" or "websocket"
    std::string sid;          ///< of an open session; empty for a handshake
    std::string_view text{};  ///< what was parsed, as it came; lives as long as that
};
/// Reads a URL's query (without '?') as a browser's URLSearchParams does. Of parameters that come
/// twice, the last counts; others are ignored. Never fails. Any thread.
Query parseQuery(std::string_view query);

/// How a refused handshake or request is answered: {"code":0..5,"message":"..."} with an HTTP
/// status, as the reference server sends it.
struct Refusal {
    int httpStatus = 400;
    int code = 3;              ///< a RefusalCode
    std::string_view message;  ///< in plain text; the caller keeps it alive
    /// After how long it may succeed. 0: not known. Else the body is that of a refusal of Parley's
    /// own, with the code `rate_limited`, and the answer is to have a header Retry-After.
    std::uint32_t retryAfterMs = 0;
    /// The JSON of the answer.
    std::string body() const;
};
/// The reference server's table of `code`. 503 for a full or stopping server has code 3.
enum class RefusalCode : std::uint8_t {
    transportUnknown = 0,
    sessionUnknown = 1,
    badHandshakeMethod = 2,
    badRequest = 3,
    forbidden = 4,  ///< status 403: Application::mayUse, or a caller that checks origins
    unsupportedVersion = 5,
};
/// The table's row of `code`; its message is static. Any thread.
Refusal makeRefusal(RefusalCode code);

/// Where an endpoint's output goes. Called from within the endpoint's own calls, on its thread. An
/// implementation queues and does not block. It must not call back into the endpoint; only
/// `closeSocket` may report what happens to the socket that it closes, which is ignored.
class Wire {
public:
    virtual ~Wire() = default;
    /// Answers `number`. Each request is answered exactly once, unless onRequestAborted came
    /// first. An answer whose client has gone is to be thrown away.
    virtual void respond(RequestNumber number, int status, std::string_view contentType,
                         std::string body) = 0;
    /// Answers `number` with a refusal; likewise.
    virtual void refuse(RequestNumber number, const Refusal& refusal) {
        respond(number, refusal.httpStatus, "application/json", refusal.body());
    }
    /// Queues one frame behind those queued before; the wire writes them once a turn. It may drop
    /// a droppable frame when too much waits. Nothing happens when the socket is gone.
    virtual void sendFrame(SocketNumber socket, const FramePtr& frame) = 0;
    /// Asks that what this turn queues for the socket is written before what others get.
    virtual void writeFirst(SocketNumber socket) { static_cast<void>(socket); }
    /// Sends what is queued, then a WebSocket close frame with `code` and `reason` (static; may be
    /// empty), then closes. The endpoint has forgotten the socket by then: it ignores what still
    /// comes from it.
    virtual void closeSocket(SocketNumber socket, std::uint16_t code, std::string_view reason) = 0;
    /// Bytes of the answer to `request`, and of those before it on its connection, that the client
    /// has not acknowledged (TCP); 0 when that connection is gone.
    virtual std::size_t unreadBytes(RequestNumber request) {
        static_cast<void>(request);
        return 0;
    }
    /// Bytes queued for a socket that the network has not taken, without those of the frame that
    /// is being written; 0 when the socket is gone.
    virtual std::size_t backlogBytes(SocketNumber socket) {
        static_cast<void>(socket);
        return 0;
    }
};

/// What uses the sessions: Socket.IO, or an echo. Called on the endpoint's thread, from within the
/// endpoint's calls that say so. Its methods may call `Endpoint::send`, `writeFirst`, `close`,
/// `checkEveryRequest` and the const ones, for any session, and nothing else. They must not throw.
class Application {
public:
    virtual ~Application() = default;
    /// Whether a session may begin. Asked once about each handshake that nothing else refuses,
    /// before it is answered. Of the endpoint nothing may be called.
    virtual std::optional<Refusal> mayOpen(const Credentials& credentials) {
        static_cast<void>(credentials);
        return std::nullopt;
    }
    /// A session began; `handshake` has been answered.
    virtual void onOpen(ConnectionId session, const Handshake& handshake) = 0;
    /// Whether a request may use an open session of which it knows the sid: by `polling` a poll or
    /// a POST, by `webSocket` the request that begins an upgrade. Asked about requests that carry
    /// credentials, and after Endpoint::checkEveryRequest about every poll and POST; an upgrade
    /// without credentials always passes, as browsers can add none to it. On false the request gets
    /// 403 (RefusalCode::forbidden) and changes nothing: the session goes on, and nothing of the
    /// body is read. A POST that arrives in pieces is asked about when it begins and when it is
    /// whole. Not asked once the session is closed: then the sid is enough to fetch the rest. Of
    /// the endpoint only the const methods may be called.
    virtual bool mayUse(ConnectionId session, TransportKind by, const Credentials& credentials) {
        static_cast<void>(session);
        static_cast<void>(by);
        static_cast<void>(credentials);
        return true;
    }
    /// One message of the client, in the order it was sent, on either transport. Text is UTF-8,
    /// without its type digit. At most Options::maxPayloadBytes. The view lives until the call
    /// returns.
    virtual void onMessage(ConnectionId session, bool binary, std::string_view message) = 0;
    /// Last call for this session: `has` is false already, and `send` does nothing.
    virtual void onClose(ConnectionId session, CloseReason reason) = 0;
};

/// What happened since the start, and what is now, for metrics.
struct EndpointCounters {
    std::uint64_t framesDropped = 0;       ///< droppable ones that a slow poller did not get
    std::uint64_t slowClients = 0;         ///< polling sessions ended as slow
    std::uint64_t pingTimeouts = 0;        ///< sessions ended for want of a pong
    std::uint64_t refusedFull = 0;         ///< handshakes refused, `sessionsMax` was reached
    std::uint64_t refusedDraining = 0;     ///< handshakes refused, the server is stopping
    std::uint64_t refusedCredentials = 0;  ///< requests refused by Application::mayUse
    std::uint64_t pollsParked = 0;         ///< now: polls that await something to deliver
    std::uint64_t pollersOver = 0;         ///< now: beyond `queueBytesMax`, their POSTs unanswered
    std::uint64_t queuedBytes = 0;         ///< now: waiting for polls
    std::uint64_t pollingOpen = 0;         ///< now: open sessions whose transport is polling
    /// Messages of clients, and messages that `send` took for them, by TransportKind.
    std::array<std::uint64_t, kTransportKindCount> received{};
    std::array<std::uint64_t, kTransportKindCount> sent{};
};

/// A polling session for which something waits.
struct WaitingSession {
    ConnectionId number;
    std::chrono::milliseconds movedAt{0};  ///< Pace::movedAt, of Clock::monotonic
    std::size_t bytes = 0;                 ///< that wait, with what a queued frame costs
};

/// All Engine.IO sessions of one loop. A ConnectionId names a session for good: no later one gets
/// it. Calls for a session or socket that is gone do nothing.
class Endpoint {
public:
    /// `loop` goes into the ids of connections and into sids. REQUIRES: all references outlive the
    /// endpoint.
    Endpoint(const Options& options, LoopIndex loop, const Clock& clock, Random& random, Wire& wire,
             Application& application);
    /// Forgets all sessions without telling clients or application: call `closeAll` before.
    ~Endpoint();

    /// The loop that made `sid`; nothing when it cannot be one of ours. A sid can be forged: there
    /// need be no such loop. The caller hands a request for a session of another loop over to that
    /// loop before any other call here. Any thread.
    static std::optional<LoopIndex> loopOf(std::string_view sid);

    /// A whole HTTP request for the Engine.IO path. It is answered within the call, with two
    /// exceptions: a poll waits until there is something to deliver, and a POST of a client beyond
    /// Options::queueBytesMax until that has taken enough. Headers (CORS, Cache-Control: no-store)
    /// are the caller's. May call onOpen, onMessage and onClose.
    void onRequest(const PollingRequest& request);
    /// The client went away before the answer: `number` is not answered any more. A session whose
    /// poll it was ends (`transportClose`). May call onClose.
    void onRequestAborted(RequestNumber number);

    /// A POST for `sid` has begun to arrive and is not whole. A client must not send two at once,
    /// since nobody knows their order: the session then ends (`transportError`), and further
    /// requests for it are refused. Call `onPostEnds` before the POST's `onRequest`, or when it
    /// is given up. Where `onPostBegins` returns a refusal, nothing has happened: the POST is to be
    /// answered with it, and gets neither of the two. `onPostBegins` may call onClose.
    std::optional<Refusal> onPostBegins(std::string_view sid, const Credentials& credentials = {});
    void onPostEnds(std::string_view sid);

    /// A WebSocket handshake for the Engine.IO path: a new session, or a probe for the one in
    /// `query`. Either says how it is refused before the 101 is sent, or nothing: then
    /// `onWebSocketOpen` must follow once the 101 is queued, in this turn or a later one, which
    /// does not ask Application::mayUse again. A second
    /// WebSocket for a session is accepted here and closed (1008) when it opens, as clients handle
    /// a close, not a refused handshake.
    std::optional<Refusal> checkWebSocket(const Query& query,
                                          const Credentials& credentials = {}) const;
    /// Opens it with the query and the credentials of its handshake. May call onOpen. The socket is
    /// closed again where the session has ended since the check.
    void onWebSocketOpen(SocketNumber socket, const Query& query,
                         const Credentials& credentials = {});
    /// One whole message; text is UTF-8. May call onMessage and onClose. The view lives until the
    /// call returns.
    void onWebSocketMessage(SocketNumber socket, bool binary, std::string_view message);
    /// The caller has stopped reading the socket, because too much waits to be sent to it, or reads
    /// it again. Its pong could not be heard meanwhile: its ping timeout stops, and starts anew
    /// afterwards.
    void onWebSocketPaused(SocketNumber socket, bool paused);
    /// The socket is gone; nothing more may be sent to it. `reason` goes to onClose where the
    /// socket was a session's transport. A session whose probe it was goes on polling.
    void onWebSocketClosed(SocketNumber socket, CloseReason reason);

    /// Sends one message; the frame is shared, not copied. For a WebSocket session this is an
    /// index, a comparison and Wire::sendFrame; it allocates nothing. Never calls the application:
    /// a session that polls too slowly loses droppable frames, and ends in a later `tick`
    /// (`slowClient`).
    void send(ConnectionId session, const FramePtr& frame);
    /// Call this before this turn's first `send` to the session: what the turn sends to it leaves
    /// before what others get. For a session on WebSocket; else nothing happens.
    void writeFirst(ConnectionId session);
    /// From now on Application::mayUse is asked about every poll and POST of the session, also
    /// about those without credentials. For a session whose handshake carried some.
    void checkEveryRequest(ConnectionId session);
    /// Ends a session; calls onClose. What is queued is still delivered, then a close packet or
    /// frame; a polling client has 30 s to fetch it. For `comeBack` a poll gets a noop instead of
    /// the close packet, after which some clients stay away. A polling session closed as
    /// `slowClient` ends at once: only a poll that waits already is answered.
    void close(ConnectionId session, CloseReason reason = CloseReason::forcedClose);
    /// Refuses new sessions with 503 from now on; open ones go on.
    void refuseNew();
    /// Closes every session (`forcedClose`; WebSockets with 1001) and refuses new ones with 503,
    /// for the server's end. Polling clients get no close packet, after which some never come back,
    /// but a noop. Calls onClose for each.
    void closeAll();
    /// Whether the session is open: onClose has not been called.
    bool has(ConnectionId session) const;
    /// The transport of an open session; nothing when it is gone.
    std::optional<TransportKind> transportOf(ConnectionId session) const;
    /// Bytes that wait to be sent to a session. For pacing, not exact: see Wire::backlogBytes.
    std::size_t backlogBytes(ConnectionId session) const;
    /// Open polling sessions for which something waits, in no order.
    std::vector<WaitingSession> waiting() const;
    /// Open sessions.
    std::size_t sessionCount() const;
    EndpointCounters counters() const;
    /// How long pongs took, from the moment at which their ping was due, to the millisecond. Any
    /// thread.
    const Histogram& pingRoundTrips() const;

    /// Runs every timer due at `monotonicNow` (Clock::monotonic): pings, ping timeouts, upgrade
    /// timeouts, slow and closed polling sessions. O(due). May call onClose. Where pings leave late
    /// because the thread was held up, their pongs have the full time all the same.
    void tick(std::chrono::milliseconds monotonicNow);
    /// When `tick` has work next (Clock::monotonic); nothing when no timer runs. May be past.
    std::optional<std::chrono::milliseconds> nextDeadline() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace parley::engineio
