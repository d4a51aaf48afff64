#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/engineio/options.h>
#include <parley/engineio/server.h>

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
    /// More Engine.IO endpoints, each with a path of its own, on the same sockets; all loops have
    /// all of them. What they serve: Service::application.
    std::vector<engineio::Options> furtherEndpoints;
    std::vector<std::string> corsOrigins{"*"};   ///< "*", or exact origins; empty: no CORS headers
    std::size_t httpHeaderBytesMax = 16 * 1024;  ///< beyond it: 431
    std::size_t httpUriBytesMax = 8 * 1024;      ///< beyond it: 414
    std::size_t httpBodyBytesMax = 1'000'000;    ///< of requests that are not Engine.IO's
    std::chrono::milliseconds headerTimeout{10'000};  ///< from the first byte to the header's end
    std::chrono::milliseconds bodyTimeout{30'000};    ///< from the header's end to the body's end
    std::chrono::milliseconds idleTimeout{65'000};    ///< keep-alive without a request, and a
                                                      ///< response that its client does not read
    std::size_t connectionsMax = 60'000;              ///< beyond it, accepting pauses
    /// Bytes that may wait, after a flush, behind the frame that a WebSocket is being sent. Beyond
    /// it droppable frames go first, then the connection.
    std::size_t outboxBytesMax = 1'000'000;
};

/// A plain HTTP request (not Engine.IO's). The views live until the handler returns.
struct HttpRequest {
    std::uint64_t number = 0;  ///< answer with Loop::respond; unique in the process
    std::string_view method;   ///< HEAD arrives as GET; its answer is sent without the body
    std::string_view path;     ///< still percent-encoded, without the query
    std::string_view query;    ///< without '?'
    std::string_view contentType;
    std::string_view body;
};

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
    /// The client of an unanswered request went away; no answer is needed any more.
    virtual void onHttpAborted(std::uint64_t number) = 0;
    /// The loop has handled what came in; called in every turn, before it waits again. For what
    /// a service gathers over a turn instead of doing it request by request.
    virtual void onTurnEnd() {}
    /// What serves an Engine.IO endpoint: 0 is Options::engineio, 1 the first of
    /// furtherEndpoints. Asked once, at the start.
    virtual engineio::Application& application(std::size_t endpoint) {
        static_cast<void>(endpoint);
        return *this;
    }
};

/// One I/O thread. `post` may be called from any thread; everything else only on the loop's own.
class Loop {
public:
    virtual ~Loop() = default;
    virtual std::uint16_t index() const = 0;
    /// Runs `task` on the loop's thread, in the order of the calls. Wakes the loop only when its
    /// mailbox was empty.
    virtual void post(std::function<void()> task) = 0;
    /// The Engine.IO sessions of an endpoint that live here. Not before the factory has
    /// returned the loop's service.
    virtual engineio::Server& sessions(std::size_t endpoint = 0) = 0;
    /// Answers a request; nothing happens when its client has gone.
    virtual void respond(std::uint64_t request, HttpResponse response) = 0;
    /// Runs `task` once after `delay`. Timers are not cancelled: let the task look whether it is
    /// still wanted.
    virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;
    virtual const Clock& clock() const = 0;
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
    std::uint64_t slowClientsClosed = 0;
    std::uint64_t acceptPauses = 0;
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
    /// Stops accepting connections, soon after the call. Existing ones go on. Any thread.
    virtual void stopAccepting() = 0;
    /// Closes every session (WebSocket code 1001, polls answered), flushes until done or
    /// `deadline`, then stops and joins the threads. Idempotent. Not from a loop's thread.
    virtual void stop(std::chrono::milliseconds deadline) = 0;
    virtual Counters counters() const = 0;
};

}  // namespace parley::net
