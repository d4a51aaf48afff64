#pragma once

#include <parley/core/clock.h>
#include <parley/core/numbers.h>
#include <parley/core/result.h>
#include <parley/engineio/endpoint.h>
#include <parley/engineio/options.h>
#include <parley/net/tls.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Sockets, HTTP/1.1 (RFC 9112) and WebSocket (RFC 6455) on POCO under epoll loops of our own, with
/// Engine.IO on top; over TLS where a certificate is given. No HTTP/2: a proxy in front has it.
namespace parley::net {

/// Settings of the network side. Fixed once the server listens. Nothing but `threads` is checked
/// here: app/settings.h has the ranges.
struct Options {
    /// A name or an address, which the server listens on; of a name's addresses the first.
    /// "localhost" is 127.0.0.1 and, where the machine has it, ::1.
    std::string host = "localhost";
    std::uint16_t port = 3500;  ///< 0: any free one, the same for all addresses
    int threads = 1;            ///< I/O loops; taken as 1 to 64
    engineio::Options engineio;
    TlsOptions tls;
    /// Web pages that may talk to the server, each as checkOrigin takes it. Pages of the server's
    /// own origin always may, and so may requests that name no origin. Empty: no other pages.
    std::vector<std::string> corsOrigins{"local"};
    /// Names under which clients may ask for the server (`Host`; any port), beside `host`, local
    /// names and addresses. Requests under other names get 421: it stops DNS rebinding.
    std::vector<std::string> hosts;
    /// A page that holds no data, so that links of other sites may lead to it, also where the
    /// browser sends cookies with them. Empty: none.
    std::string openPage;
    bool anyHost = false;  ///< whether requests under any name are answered; `hosts` is not read
    std::size_t httpHeaderBytesMax = 16 * 1024;  ///< request line and fields; beyond it: 431
    std::size_t httpUriBytesMax = 8 * 1024;      ///< the request's target; beyond it: 414
    /// The body of a request that is not Engine.IO's; beyond it: 413. Engine.IO's:
    /// engineio::Options::maxPayloadBytes.
    std::size_t httpBodyBytesMax = 1'000'000;
    std::chrono::milliseconds headerTimeout{10'000};  ///< from connecting to the first byte, and
                                                      ///< from a first byte to the header's end
    std::chrono::milliseconds bodyTimeout{30'000};    ///< from the header's end to the body's end
    std::chrono::milliseconds idleTimeout{65'000};    ///< keep-alive without a request; a response
                                                      ///< of which the client takes nothing
    std::size_t connectionsMax = 60'000;              ///< of all loops; at it, accepting pauses
    /// Of one IPv4 address or one IPv6 /64, unless it is a trusted proxy's; further ones are closed
    /// with a 429. 0: no limit.
    std::size_t connectionsPerAddressMax = 50'000;
    /// Proxies that are believed when they name their client in X-Forwarded-For, each as checkProxy
    /// takes it.
    std::vector<std::string> trustedProxies;
    /// Bytes that may wait, after a flush, behind the frame that a WebSocket is being sent. Beyond
    /// it, until half of it is left, droppable frames are dropped and the WebSocket is not read.
    /// engineio::Options::stalled bounds the time.
    std::size_t outboxBytesMax = 1'000'000;
    /// Bytes that may wait for all clients of the server together: mailboxes, outboxes, polling
    /// queues and Service::bytesHeld. Beyond it each loop ends clients of its own: first those that
    /// have taken nothing for longest, of equal ones those for which most waits.
    std::size_t outputBytesMax = 1024 * 1024 * 1024;
    /// SO_SNDBUF of every connection: about how much unread output the kernel holds for it. 0: the
    /// kernel's default, which grows up to 4 MB.
    int sendBufferBytes = 0;
};

/// Whether `text` can stand in Options::corsOrigins: "*" (any page), "local" (http and https on
/// localhost, *.localhost, 127.0.0.0/8 and [::1], any port), "null" (pages without an origin), or
/// an exact origin (RFC 6454). Refuses with `invalid_setting` and what to write instead. Any
/// thread.
Result<void> checkOrigin(std::string_view text);
/// Whether `text` can stand in Options::hosts: a name without scheme and port. Otherwise as
/// checkOrigin.
Result<void> checkHost(std::string_view text);
/// Whether `text` can stand in Options::trustedProxies: an address, or a network as in 10.0.0.0/8.
/// Otherwise as checkOrigin.
Result<void> checkProxy(std::string_view text);

/// A whole HTTP request that is not Engine.IO's and that Options::corsOrigins and hosts allow. The
/// views live until Service::onHttp returns.
struct HttpRequest {
    std::uint64_t number = 0;  ///< answer with Loop::respond; unique in the process
    std::string_view method;   ///< HEAD arrives as GET; its answer is sent without the body
    std::string_view path;     ///< begins with '/', or is "*"; percent-encoded, without the query
    std::string_view query;    ///< without '?'; percent-encoded
    std::string_view contentType;     ///< as it was sent; empty: none
    std::string_view ifNoneMatch;     ///< likewise
    std::string_view parleyPosition;  ///< likewise
    bool acceptsGzip = false;  ///< Accept-Encoding names gzip, or x-gzip, other than with q=0
    std::string_view body;     ///< without the framing of chunks
    engineio::Credentials credentials{};
};

/// A number that all requests of one TCP connection have in common, and those of no other open one:
/// the part of a request's number that names its loop and its connection's slot. A later connection
/// may have the same. Any thread.
std::uint64_t connectionOf(std::uint64_t request);

/// Whether a client asks from this machine, as far as that is known: with a proxy that is not
/// believed it is not. Any thread.
bool isThisMachine(const engineio::Credentials& asker);

/// An answer of a service. The loop adds Date, Content-Length, Connection, the CORS headers,
/// X-Content-Type-Options: nosniff, Referrer-Policy: no-referrer, and over TLS
/// Strict-Transport-Security; where `headers` has none of its own, Cache-Control: no-store and
/// Content-Security-Policy: default-src 'none'.
struct HttpResponse {
    int status = 200;
    std::string contentType = "application/json";  ///< empty: no such header
    std::string body;
    /// Further headers. One whose name or value has a control character is left out.
    std::vector<std::pair<std::string, std::string>> headers;
};

class Loop;

/// The application on one loop: Engine.IO sessions and plain HTTP. Every call comes from that
/// loop's thread. Loop's own methods call no service; those of its sessions do, as
/// engineio::Endpoint says. A call must not block: it would hold up all clients of the loop.
class Service : public engineio::Application {
public:
    /// Answer now or later, once, with Loop::respond(request.number, ...). The answers of one
    /// connection leave in the order of its requests: one that is late holds back later ones, and
    /// with 16 unanswered requests a connection is not read.
    virtual void onHttp(const HttpRequest& request) = 0;
    /// Whether the resource answers only the server's own pages, whatever Options::corsOrigins
    /// allows: then its preflights (OPTIONS) are no preflights, but requests like any other.
    virtual bool isForOwnPages(std::string_view /*path*/) const { return false; }
    /// The client of an unanswered request went away with its connection: no answer is needed any
    /// more, and one that comes all the same is thrown away.
    virtual void onHttpAborted(std::uint64_t number) = 0;
    /// Whether an unanswered request may run for long. Asked where its client sends no more: it
    /// still reads, or it has gone, as a browser that aborts a request; that shows only once
    /// something is written. So a client of HTTP/1.1 is then sent 102 (Processing): where it has
    /// gone, its machine says so, and the request is aborted.
    virtual bool mayTakeLong(std::uint64_t /*number*/) const { return false; }
    /// The loop has handled what came in. Called once before it writes, so that others can work on
    /// what the service hands them meanwhile, and again before it waits, as connections may have
    /// ended; a last time when the loop ends. For what a service gathers over a turn.
    virtual void onTurnEnd() {}
    /// What the turn has produced is written, as far as the clients take it. Once a turn.
    virtual void onTurnWritten() {}
    /// Bytes that the services of all loops together keep for clients that have not taken earlier
    /// output. Asked once a turn by each loop.
    virtual std::uint64_t bytesHeld() const { return 0; }
};

/// One I/O thread. `post` and `index` may be called from any thread; everything else only on the
/// loop's own. Lives as long as its server.
class Loop {
public:
    virtual ~Loop() = default;
    /// From 0; the loop's place in Server::loops.
    virtual LoopIndex index() const = 0;
    /// Runs `task` on the loop's thread soon, never within the call, in the order of the calls.
    /// `bytes`: what the task holds in memory, see Server::mailbox. Never refused, so look at
    /// Server::mailbox before a post that a client causes. Before Server::start tasks wait for it;
    /// those that the end of the loop overtakes are destroyed with the server, not run. A task that
    /// throws is logged.
    virtual void post(std::function<void()> task, std::size_t bytes) = 0;
    /// For a task that holds next to nothing.
    void post(std::function<void()> task) { post(std::move(task), 0); }
    /// The Engine.IO sessions that live here. REQUIRES: the factory has returned the loop's
    /// service.
    virtual engineio::Endpoint& sessions() = 0;
    /// Answers a request; nothing happens when its client has gone, or it was answered already.
    virtual void respond(std::uint64_t request, HttpResponse response) = 0;
    /// The answer to this request is for the server's own pages alone: whatever
    /// Options::corsOrigins allows, it gets no CORS headers, the service's own ones included, but
    /// Cross-Origin-Resource-Policy: same-origin. Before `respond`. Does not look at who asks: that
    /// is Credentials::ownPage.
    virtual void answerOwnPagesOnly(std::uint64_t request) = 0;
    /// Counts the answer to this request in Counters::answers, by `route`, a number of the
    /// service's below kRoutesMax. Before `respond`.
    virtual void countAs(std::uint64_t request, std::size_t route) {
        static_cast<void>(request);
        static_cast<void>(route);
    }
    /// Runs `task` once, `delay` from now or a little later. Tasks of one time run in the order of
    /// the calls. Timers are not cancelled: let the task look whether it is still wanted. One that
    /// is not due when the loop ends is destroyed with the server, not run. A task that throws is
    /// logged.
    virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;
    /// The clock that Server::listen was given.
    virtual const Clock& clock() const = 0;
    /// Clock::monotonic as the loop's turn began; costs no look at a clock. Where there are no
    /// turns, as of now.
    virtual std::chrono::milliseconds turnTime() const { return clock().monotonic(); }
};

/// Why a connection or a request was ended before any service saw it. In brackets: the status that
/// the client gets.
enum class Refused : std::uint8_t {
    headerTimeout,   ///< the header did not arrive in time (408)
    bodyTimeout,     ///< the body did not arrive in time (408)
    idleTimeout,     ///< nothing was asked, or an answer not read, for too long
    headerTooLarge,  ///< 431
    uriTooLong,      ///< 414
    bodyTooLarge,    ///< 413
    malformed,       ///< any other answer that HTTP itself gives
    addressLimit,    ///< too many connections from one address (429)
    sessionLimit,    ///< handshakes beyond the limit of sessions (503)
    draining,        ///< handshakes while the server stops (503)
    origin,          ///< a page that Options::corsOrigins does not allow (403)
    misdirected,     ///< a Host that is not the server's (421)
    mediaType,       ///< a body from another site that does not say its origin (415)
    credentials,     ///< a request for a session of somebody else, or without its credentials (403)
};
inline constexpr std::size_t kRefusedCount = 14;
/// As metrics name it: "header_timeout". Static. Any thread.
std::string_view refusedName(Refused reason);

/// Routes by which answers are counted. 0: paths that no service has named, and answers that HTTP
/// itself gives. 1: Engine.IO's.
inline constexpr std::size_t kRoutesMax = 64;
inline constexpr std::size_t kOtherRoute = 0;
inline constexpr std::size_t kEngineRoute = 1;
inline constexpr std::size_t kServiceRoute = 2;  ///< the service's first one
/// Classes of a status: 2xx to 5xx.
inline constexpr std::size_t kStatusClassCount = 4;

/// What waits in a loop's mailbox.
struct MailboxLoad {
    std::uint64_t tasks = 0;
    std::uint64_t bytes = 0;  ///< as Loop::post was told
};

/// Counters for metrics, over all loops. Those without "now" count since the start.
struct Counters {
    std::uint64_t connectionsAccepted = 0;      ///< without those refused by address
    std::uint64_t connectionsOpen = 0;          ///< now
    std::uint64_t webSocketsOpen = 0;           ///< now; probes included
    std::uint64_t sessionsOpen = 0;             ///< now; of Engine.IO, on both transports
    std::uint64_t bytesIn = 0;                  ///< TCP payload read
    std::uint64_t bytesOut = 0;                 ///< TCP payload written
    std::uint64_t framesOut = 0;                ///< written whole to WebSockets
    std::uint64_t framesDropped = 0;            ///< droppable ones, on both transports
    std::uint64_t slowClientsClosed = 0;        ///< on both transports
    std::uint64_t pingTimeouts = 0;             ///< sessions ended for want of a pong
    std::uint64_t acceptPauses = 0;             ///< accepting paused: a limit, or no descriptors
    bool acceptPaused = false;                  ///< now
    std::uint64_t handshakesFull = 0;           ///< of TLS, done with a signature
    std::uint64_t handshakesResumed = 0;        ///< of TLS, done with a session ticket
    std::uint64_t handshakesFailed = 0;         ///< of TLS, abandoned ones included
    std::optional<UnixMillis> certificateEnds;  ///< of the certificate in use; nothing without TLS
    std::uint64_t outboxBytes = 0;    ///< now: queued for clients; a shared frame counts each time
    std::uint64_t clientsPaused = 0;  ///< now: not heard until they take what they were sent
    std::uint64_t pollsParked = 0;    ///< now: polls that await something to deliver
    std::uint64_t timers = 0;         ///< now: not due, those of connections that left included
    std::array<std::uint64_t, kRefusedCount> refused{};  ///< by Refused
    std::uint64_t pollingOpen = 0;  ///< now: of `sessionsOpen`, those whose transport is polling
    /// Engine.IO messages of clients and for clients, by engineio::TransportKind.
    std::array<std::uint64_t, engineio::kTransportKindCount> messagesReceived{};
    std::array<std::uint64_t, engineio::kTransportKindCount> messagesSent{};
    /// HTTP requests answered, by route and by class of the status, beginning with 2xx.
    std::array<std::array<std::uint64_t, kStatusClassCount>, kRoutesMax> answers{};
    HistogramValues pingRoundTrips{};  ///< engineio::Endpoint::pingRoundTrips
};

/// The listening sockets and the loops. Open, start and stop it from one thread; the methods that
/// say so may be called from any.
class Server {
public:
    /// Makes a loop's service; called once a loop, by index, within `listen`, before any traffic.
    /// A service is destroyed with the server, after all threads have ended.
    using ServiceFactory = std::function<std::unique_ptr<Service>(Loop&)>;

    /// Binds and listens; connections wait in the kernel's backlog until `start`. Refuses with
    /// `address_in_use` or `cannot_listen`, and a message that names the address, or as
    /// readCertificate does. What the factory
    /// throws comes through, but for std::system_error (`cannot_listen`). The options are copied.
    /// REQUIRES: `clock` outlives the server.
    static Result<std::unique_ptr<Server>> listen(const Options& options, const Clock& clock,
                                                  const ServiceFactory& factory);
    /// Stops with a deadline of 0.
    virtual ~Server() = default;

    /// The TCP port, also where Options::port is 0. Any thread.
    virtual std::uint16_t port() const = 0;
    /// All loops, by index; they live as long as the server. Any thread.
    virtual std::vector<Loop*> loops() = 0;
    /// Starts the loops' threads. Does nothing when they run or have been stopped.
    virtual void start() = 0;
    /// Connections accepted from now on get this certificate; the open ones go on with theirs.
    /// REQUIRES: Options::tls is on, and the certificate is readCertificate's. Any thread.
    virtual void use(TlsCertificatePtr certificate) = 0;
    /// Pages of these origins may talk to the server, in place of Options::corsOrigins; counts for
    /// requests that arrive soon after the call. Open connections go on. REQUIRES: checkOrigin
    /// takes each. Any thread.
    virtual void allowOrigins(std::vector<std::string> origins) = 0;
    /// Refuses new Engine.IO sessions with 503, soon after the call. Everything else goes on, new
    /// connections included, so that health checks are answered. Does nothing unless the server
    /// runs. Any thread but a loop's.
    virtual void refuseSessions() = 0;
    /// Closes the listening sockets, soon after the call. Open connections go on. Any thread but a
    /// loop's.
    virtual void stopAccepting() = 0;
    /// Stops accepting and closes every session (WebSocket code 1001, polls answered). Requests
    /// already handed out are still answered, further ones are not read. Returns once all
    /// connections have ended or `deadline` has passed, the rest is dropped, and the threads are
    /// joined. The server cannot be started again. A second call waits for the first and does
    /// nothing. Not from a loop's thread.
    virtual void stop(std::chrono::milliseconds deadline) = 0;
    /// Each loop's values as of its last turn's end, or newer. Any thread.
    virtual Counters counters() const = 0;
    /// The most tasks and the most bytes that wait in any one mailbox. Cheap; any thread.
    virtual MailboxLoad mailbox() const = 0;
    /// Bytes that wait in all mailboxes, outboxes and polling queues, as of the loops' last turns.
    /// Cheap; any thread.
    virtual std::uint64_t outputBytes() const = 0;
};

}  // namespace parley::net
