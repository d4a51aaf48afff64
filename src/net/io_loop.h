#pragma once

#include "net/address_table.h"
#include "net/connections.h"
#include "net/epoll_set.h"
#include "net/http_protocol.h"
#include "net/idle.h"
#include "net/loop_counters.h"
#include "net/mailbox.h"
#include "net/slow_clients.h"
#include "net/timers.h"
#include "net/tls_context.h"
#include "net/trusted_proxies.h"
#include "net/web_access.h"
#include "net/web_socket_protocol.h"

#include <parley/core/random.h>
#include <parley/net/server.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace parley::net {

class Acceptor;
class IoLoop;

/// What the loops of one server have in common.
struct SharedByLoops {
    SharedByLoops(const Options& given, const Clock& time, TlsCertificatePtr certificate,
                  std::size_t loopCount)
        : options(given),
          clock(time),
          access(std::make_shared<const WebAccess>(given)),
          proxies(given.trustedProxies),
          loops(loopCount) {
        if (certificate) tls.emplace(time, std::move(certificate));
    }
    const Options options;
    const Clock& clock;
    const std::shared_ptr<const WebAccess> access;  ///< as of the start
    const TrustedProxies proxies;
    std::optional<TlsContext> tls;  ///< nothing: connections are plain
    std::vector<IoLoop*> loops;     ///< by LoopIndex; complete before the first of them starts
    std::atomic<std::size_t> connectionsOpen{0};
    AddressTable addresses;
};

/// One thread with its epoll set. A turn: wait, read what came, run posted tasks and due timers,
/// then write what all of that produced, once for each connection.
class IoLoop final : public Loop {
public:
    IoLoop(SharedByLoops& shared, LoopIndex index);
    ~IoLoop() override;

    LoopIndex index() const override { return index_; }
    using Loop::post;
    void post(std::function<void()> task, std::size_t bytes) override {
        mailbox_.post(std::move(task), bytes);
    }
    engineio::Endpoint& sessions() override { return *engine_; }
    void respond(std::uint64_t request, HttpResponse response) override;
    void answerOwnPagesOnly(std::uint64_t request) override { http_.answerOwnPagesOnly(request); }
    void after(std::chrono::milliseconds delay, std::function<void()> task) override;
    const Clock& clock() const override { return shared_.clock; }
    Millis turnTime() const override { return turnTime_; }
    void countAs(std::uint64_t request, std::size_t route) override {
        http_.countAs(request, route);
    }

    /// Before `start`: makes the Engine.IO endpoint over `service`.
    void setService(std::unique_ptr<Service> service);
    /// Before `start`, on one loop: the listening sockets.
    void setAcceptor(std::unique_ptr<Acceptor> acceptor);
    void start();
    void join();
    /// On the loop's thread: ends all sessions and connections, and within `deadline` the thread.
    void beginStop(Millis deadline);
    void closeAcceptor();
    /// On the loop's thread: requests whose heads are read from now on are judged by this.
    void use(std::shared_ptr<const WebAccess> access) { http_.use(std::move(access)); }
    /// On the loop's thread: new Engine.IO sessions get 503.
    void refuseSessions() { engine_->refuseNew(); }

    /// On the loop's thread: takes over a connection that is new to the loop. `rest`: bytes that
    /// another loop has read from it and not parsed.
    void adopt(std::unique_ptr<TcpConnection> connection, std::string_view rest = {});
    /// Any thread: posts `adopt` to this loop.
    void postConnection(std::unique_ptr<TcpConnection> connection, std::string rest = {});
    /// Watches a descriptor that is not a connection's; `run` is called when it is readable.
    /// REQUIRES: `run` lives until the turn after `unwatch`.
    void watch(int descriptor, std::function<void()>* run) { epoll_.watch(descriptor, run); }
    void unwatch(int descriptor) { epoll_.remove(descriptor); }

    LoopCounters& counters() { return counters_; }
    const LoopCounters& counters() const { return counters_; }
    /// Any thread.
    MailboxLoad mailbox() const { return {mailbox_.taskCount(), mailbox_.bytes()}; }

private:
    class EngineWire;

    void run();
    void turn();
    int waitMs() const;
    void runMailbox();
    void runTimers(Millis now);
    void onRemoved(std::unique_ptr<TcpConnection>& connection);
    std::uint64_t outputBytes();
    void publishCounters();
    bool isStopped(Millis now) const;

    SharedByLoops& shared_;
    const LoopIndex index_;
    EpollSet epoll_;
    Idle idle_;
    LoopCounters counters_;
    Mailbox mailbox_;
    std::vector<Mailbox::Task> tasks_;  // of the turn; a member to keep its memory
    std::function<void()> onMailbox_;
    DueHeap<std::function<void()>> timers_;
    SystemRandom random_;

    // What runs on the loop. The service is destroyed last, as the others call it to their end.
    std::unique_ptr<Service> service_;
    Connections connections_;
    SlowClients slow_;
    WebSocketProtocol webSockets_;
    HttpProtocol http_;
    std::unique_ptr<EngineWire> wire_;
    std::unique_ptr<engineio::Endpoint> engine_;
    std::unique_ptr<Acceptor> acceptor_;

    Millis turnTime_{0};
    bool stopping_ = false;
    bool ended_ = false;
    Millis stopAt_{0};
    std::thread thread_;
};

}  // namespace parley::net
