#pragma once

#include "net/connections.h"
#include "net/http_connection.h"
#include "net/slow_clients.h"
#include "net/trusted_proxies.h"
#include "net/web_access.h"
#include "net/web_socket_protocol.h"

#include <parley/net/server.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace parley::net {

/// HTTP for the connections of one loop: what they have in common, and the way from a request's
/// number back to its connection. The loop's thread.
class HttpProtocol final : public AnsweringProtocol {
public:
    struct Refusal {
        int status = 0;
        std::string body;
    };

    /// `loops`: how many there are, this one among them. REQUIRES: all of them outlive it.
    HttpProtocol(const Options& options, std::shared_ptr<const WebAccess> access,
                 const TrustedProxies& proxies, const Clock& clock, LoopIndex loop,
                 std::size_t loops, Connections& connections, SlowClients& slow,
                 WebSocketProtocol& webSockets, LoopCounters& counters);
    /// Once, before the first connection.
    void serve(Service& service, engineio::Endpoint& engine);

    /// Begins to speak HTTP on a connection that is new to the loop. `rest`: bytes that another
    /// loop has read from it and not parsed.
    void begin(TcpConnection& connection, std::string_view rest);
    /// Answers a request; nothing happens when its client has gone.
    void answer(std::uint64_t number, int status, std::string_view contentType,
                std::string_view body, HeaderList headers);
    /// As Loop::answerOwnPagesOnly.
    void answerOwnPagesOnly(std::uint64_t number);
    /// As Loop::countAs.
    void countAs(std::uint64_t number, std::size_t route);
    /// Requests whose heads are read from now on are judged by this.
    void use(std::shared_ptr<const WebAccess> access) { access_ = std::move(access); }
    /// Makes every answer from now on its connection's last.
    void stop();

    void receive(TcpConnection& connection, std::string_view bytes) override;
    void fillOutbox(TcpConnection& connection) override { connection.http->fillOutbox(); }
    void flushed(TcpConnection& connection, std::optional<std::size_t> written) override;
    void settled(TcpConnection& connection) override;
    bool onReadClosed(TcpConnection& connection) override {
        return connection.http->onReadClosed();
    }
    void onDeadline(TcpConnection& connection) override { connection.http->onDeadline(); }
    void ended(TcpConnection& connection) override;

    // What an HttpConnection asks of its loop:
    const Options& options() const { return options_; }
    const WebAccess& access() const { return *access_; }
    const Clock& clock() const { return clock_; }
    LoopIndex loop() const { return loop_; }
    Connections& connections() { return connections_; }
    engineio::Endpoint& engine() { return *engine_; }
    bool isStopping() const { return stopping_; }
    /// Whether the path is Engine.IO's; all others are the service's.
    bool isEngine(std::string_view path) const;
    /// Whether the request is a preflight that WebAccess answers: no service gets it.
    bool answersPreflight(const RequestHead& head) const;
    /// The loop that made `sid`; this one, which refuses it, when no loop did.
    LoopIndex ownerOf(std::string_view sid) const;
    /// What a request of the connection says of who sends it. Views of the head.
    engineio::Credentials credentialsOf(const TcpConnection& connection,
                                        const RequestHead& head) const;
    /// Hands a whole request of the connection to Engine.IO or to the service.
    void dispatch(const TcpConnection& connection, std::uint64_t number, const RequestHead& head,
                  std::string_view body);
    void abort(std::uint64_t number, bool byEngine);
    /// As Service::mayTakeLong.
    bool mayTakeLong(std::uint64_t number) const;
    /// Why WebAccess refuses the request, which it then counts and logs; nothing when it does not.
    std::optional<Refusal> refusalOf(const RequestHead& head, bool forEngine);
    void count(Refused reason) { counters_.count(reason); }
    void countAnswer(std::size_t route, int status) { counters_.countAnswer(route, status); }
    void count(const HttpError& error);

private:
    void logRefusal(const RequestHead& head, const HttpError& error);
    void openIfUpgraded(TcpConnection& connection);

    const Options& options_;
    std::shared_ptr<const WebAccess> access_;
    const TrustedProxies& proxies_;
    const Clock& clock_;
    const LoopIndex loop_;
    const std::size_t loops_;
    Connections& connections_;
    SlowClients& slow_;
    WebSocketProtocol& webSockets_;
    LoopCounters& counters_;
    Service* service_ = nullptr;
    engineio::Endpoint* engine_ = nullptr;
    bool stopping_ = false;
    Millis nextRefusalLog_{0};
};

}  // namespace parley::net
