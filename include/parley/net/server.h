#pragma once

#include <parley/core/clock.h>
#include <parley/core/numbers.h>
#include <parley/core/result.h>
#include <parley/engineio/endpoint.h>
#include <parley/engineio/options.h>

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

/// Sockets, HTTP and WebSocket on POCO under epoll loops of our own, with Engine.IO on top.
namespace parley::net {

/// Settings of the network side. Bytes and milliseconds.
struct Options {
    std::string host = "localhost";  ///< "localhost" listens on 127.0.0.1 and ::1
    std::uint16_t port = 3500;       ///< 0: any free one, the same for all addresses
    int threads = 1;                 ///< I/O loops
    engineio::Options engineio;
    /// Web pages that may talk to the server, each as checkOrigin takes it. The server's own origin
    /// always may, and so may who names none. Empty: no others.
    std::vector<std::string> corsOrigins{"local"};
    /// Names, beside `host`, local ones and addresses, under which it may be asked (`Host`).
    std::vector<std::string> hosts;
    std::size_t httpHeaderBytesMax = 16 * 1024;       ///< beyond it: 431
    std::size_t httpUriBytesMax = 8 * 1024;           ///< beyond it: 414
    std::size_t httpBodyBytesMax = 1'000'000;         ///< of requests that are not Engine.IO's
    std::chrono::milliseconds headerTimeout{10'000};  ///< from the first byte to the header's end
    std::chrono::milliseconds bodyTimeout{30'000};    ///< from the header's end to the body's end
    std::chrono::milliseconds idleTimeout{65'000};    ///< keep-alive without a request, and a
                                                      ///< response that its client does not read
    std::size_t connectionsMax = 60'000;              ///< beyond it, accepting pauses
    /// Of one IPv4 address or one IPv6 /64; beyond it they are closed with a 429. 0: no limit.
    std::size_t connectionsPerAddressMax = 50'000;
    /// Bytes that may wait, after a flush, behind the frame that a WebSocket is being sent. Beyond
    /// it, until half of it is left, droppable frames are dropped and nothing is read from it. How
    /// long it may stay so: engineio::Options::stalled.
    std::size_t outboxBytesMax = 1'000'000;
    /// Bytes that may wait for all clients together, Service::bytesHeld included. Beyond it those
    /// are closed that have taken nothing for longest, then those for which most waits.
    std::size_t outputBytesMax = 1024 * 1024 * 1024;
    /// What the kernel may hold for one connection's unread output, about. 0: as the kernel thinks,
    /// up to 4 MB.
    int sendBufferBytes = 0;
};

/// Whether `text` can stand in Options::corsOrigins: "*" (any page), "local" (http and https on
/// localhost, *.localhost, 127.0.0.0/8 and [::1], any port), "null" (pages without an origin), or
/// an exact origin. Refuses with what to write instead.
Result<void> checkOrigin(std::string_view text);
/// Whether `text` can stand in Options::hosts: a name without scheme and port. Likewise.
Result<void> checkHost(std::string_view text);

/// A plain HTTP request (not Engine.IO's). The views live until the handler returns.
struct HttpRequest {
    std::uint64_t number = 0;  ///< answer with Loop::respond; unique in the process
    std::string_view method;   ///< HEAD arrives as GET; its answer is sent without the body
    std::string_view path;     ///< still percent-encoded, without the query
    std::string_view query;    ///< without '?'
    std::string_view contentType;
    std::string_view body;
};

/// What the numbers of all requests of one TCP connection have in common, and those of no other one
/// that is open. Any thread.
std::uint64_t connectionOf(std::uint64_t request);

struct HttpResponse {
    int status = 200;
    std::string contentType = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  ///< further ones
};

class Loop;

/// What runs on one loop: the Engine.IO application plus plain HTTP. Every call comes from that
/// loop's thread.
class Service : public engineio::Application {
public:
    /// Answer now or later with Loop::respond(request.number, ...).
    virtual void onHttp(const HttpRequest& request) = 0;
    /// The client of an unanswered request went away, with its connection; no answer is needed any
    /// more.
    virtual void onHttpAborted(std::uint64_t number) = 0;
    /// The loop has handled what came in; called in every turn, before it waits again. For what
    /// a service gathers over a turn instead of doing it request by request.
    virtual void onTurnEnd() {}
    /// Bytes that the services of all loops keep for clients which have to take others first.
    virtual std::uint64_t bytesHeld() const { return 0; }
};

/// One I/O thread. `post` may be called from any thread; everything else only on the loop's own.
class Loop {
public:
    virtual ~Loop() = default;
    virtual LoopIndex index() const = 0;
    /// Runs `task` on the loop's thread, in the order of the calls. Wakes the loop only when its
    /// mailbox was empty. `bytes`: what the task holds in memory, see Server::mailbox. Never
    /// refused: who posts on a client's behalf looks at Server::mailbox before.
    virtual void post(std::function<void()> task, std::size_t bytes) = 0;
    void post(std::function<void()> task) { post(std::move(task), 0); }
    /// The Engine.IO sessions that live here. REQUIRES: the factory has returned the loop's
    /// service.
    virtual engineio::Endpoint& sessions() = 0;
    /// Answers a request; nothing happens when its client has gone.
    virtual void respond(std::uint64_t request, HttpResponse response) = 0;
    /// Runs `task` once after `delay`. Timers are not cancelled: let the task look whether it is
    /// still wanted.
    virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;
    virtual const Clock& clock() const = 0;
};

/// Why a connection or a request was ended before any service saw it.
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
};
inline constexpr std::size_t kRefusedCount = 13;
/// As metrics name it: "header_timeout".
std::string_view refusedName(Refused reason);

/// What waits for a loop.
struct MailboxLoad {
    std::uint64_t tasks = 0;
    std::uint64_t bytes = 0;
};

/// Counters for metrics; a consistent enough snapshot, any thread.
struct Counters {
    std::uint64_t connectionsAccepted = 0;
    std::uint64_t connectionsOpen = 0;
    std::uint64_t webSocketsOpen = 0;
    std::uint64_t sessionsOpen = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t framesOut = 0;
    std::uint64_t framesDropped = 0;      ///< droppable ones, on both transports
    std::uint64_t slowClientsClosed = 0;  ///< on both transports
    std::uint64_t pingTimeouts = 0;
    std::uint64_t acceptPauses = 0;
    bool acceptPaused = false;
    std::uint64_t outboxBytes = 0;    ///< queued for clients now; a shared frame counts each time
    std::uint64_t clientsPaused = 0;  ///< now: not read until they take what they were sent
    std::uint64_t pollsParked = 0;
    std::uint64_t timers = 0;  ///< started and not due, those of connections that left included
    std::array<std::uint64_t, kRefusedCount> refused{};  ///< by Refused
};

/// The listening sockets and the loops.
class Server {
public:
    /// Makes a loop's service; called once a loop, before any traffic, on the caller's thread.
    /// Services are destroyed with the server, after its threads ended.
    using ServiceFactory = std::function<std::unique_ptr<Service>(Loop&)>;

    /// Binds and listens; refuses with a message that names the address when it cannot.
    static Result<std::unique_ptr<Server>> listen(const Options& options, const Clock& clock,
                                                  const ServiceFactory& factory);
    virtual ~Server() = default;

    virtual std::uint16_t port() const = 0;
    virtual std::vector<Loop*> loops() = 0;
    /// Starts the loops' threads.
    virtual void start() = 0;
    /// Refuses new Engine.IO sessions with 503, soon after the call. Everything else goes on,
    /// new connections included: who asks whether the server is ready gets an answer. Any thread.
    virtual void refuseSessions() = 0;
    /// Stops accepting connections, soon after the call. Existing ones go on. Any thread.
    virtual void stopAccepting() = 0;
    /// Closes every session (WebSocket code 1001, polls answered), flushes until done or
    /// `deadline`, then stops and joins the threads. Idempotent. Not from a loop's thread.
    virtual void stop(std::chrono::milliseconds deadline) = 0;
    virtual Counters counters() const = 0;
    /// Of the loop that has most waiting. Cheap; any thread.
    virtual MailboxLoad mailbox() const = 0;
    /// Bytes that wait in all mailboxes, outboxes and polling queues. Cheap; any thread.
    virtual std::uint64_t outputBytes() const = 0;
};

}  // namespace parley::net
