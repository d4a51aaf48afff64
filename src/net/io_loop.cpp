#include "net/io_loop.h"

#include "net/acceptor.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

namespace parley::net {
namespace {

constexpr int kEventsATurn = 256;
constexpr Millis kWaitMax{60'000};  // then the loop computes anew what is due
// A loop that woke later than this reads before it runs timers: the sockets may hold the pongs that
// stop ping timeouts.
constexpr Millis kLateness{50};

/// Runs a task. One that throws must not end the loop.
void runTask(const std::function<void()>& task) {
    try {
        task();
    } catch (const std::exception& error) {
        logger().error("net_task_failed error={}", error.what());
    }
}

}  // namespace

/// Where Engine.IO's output goes.
class IoLoop::EngineWire final : public engineio::Wire {
public:
    explicit EngineWire(IoLoop& loop) : loop_(loop) {}

    void respond(engineio::RequestNumber number, int status, std::string_view contentType,
                 std::string body) override {
        loop_.http_.answer(number, status, contentType, body, {});
    }
    void refuse(engineio::RequestNumber number, const engineio::Refusal& refusal) override {
        loop_.http_.answer(number, refusal.httpStatus, "application/json", refusal.body(),
                           headersOf(refusal));
    }
    void sendFrame(engineio::SocketNumber socket, const engineio::FramePtr& frame) override {
        loop_.webSockets_.send(socket, frame);
    }
    void writeFirst(engineio::SocketNumber socket) override {
        // Connections are written in the order in which they became dirty.
        if (TcpConnection* connection = find(socket)) loop_.connections_.markDirty(*connection);
    }
    void closeSocket(engineio::SocketNumber socket, std::uint16_t code,
                     std::string_view reason) override {
        TcpConnection* connection = find(socket);
        if (connection) loop_.webSockets_.close(*connection, code, reason);
    }
    std::size_t backlogBytes(engineio::SocketNumber socket) override {
        const TcpConnection* connection = find(socket);
        return connection ? connection->outbox.bytesWaiting() : 0;
    }
    std::size_t unreadBytes(engineio::RequestNumber request) override {
        const TcpConnection* connection = loop_.connections_.findAsking(request);
        // A connection's number is below those of its requests: this is a later one in the slot.
        if (!connection || connection->number > request) return 0;
        return connection->outbox.bytes() + connection->transport->unacknowledged();
    }

private:
    TcpConnection* find(engineio::SocketNumber socket) { return loop_.connections_.find(socket); }

    IoLoop& loop_;
};

IoLoop::IoLoop(SharedByLoops& shared, LoopIndex index)
    : shared_(shared),
      index_(index),
      connections_(index, shared.clock, epoll_, counters_, shared.options.tls.handshakesATurn,
                   [this](std::unique_ptr<TcpConnection>& connection) { onRemoved(connection); }),
      slow_(shared.options, shared.clock, connections_, counters_),
      webSockets_(shared.options, connections_, slow_, counters_),
      http_(shared.options, shared.access, shared.proxies, shared.clock, index, shared.loops.size(),
            connections_, slow_, webSockets_, counters_),
      wire_(std::make_unique<EngineWire>(*this)) {
    connections_.speak(http_, webSockets_);
    onMailbox_ = [this] { runMailbox(); };
    watch(mailbox_.descriptor(), &onMailbox_);
}

IoLoop::~IoLoop() {
    join();
}

void IoLoop::setService(std::unique_ptr<Service> service) {
    service_ = std::move(service);
    engine_ = std::make_unique<engineio::Endpoint>(shared_.options.engineio, index_, shared_.clock,
                                                   random_, *wire_, *service_);
    slow_.watch(webSockets_, *engine_);
    webSockets_.serve(*engine_);
    http_.serve(*service_, *engine_);
}

void IoLoop::setAcceptor(std::unique_ptr<Acceptor> acceptor) {
    acceptor_ = std::move(acceptor);
}

void IoLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void IoLoop::join() {
    if (thread_.joinable()) thread_.join();
}

void IoLoop::closeAcceptor() {
    if (acceptor_) acceptor_->close();
}

void IoLoop::respond(std::uint64_t request, HttpResponse response) {
    http_.answer(request, response.status, response.contentType, response.body,
                 std::move(response.headers));
}

void IoLoop::after(std::chrono::milliseconds delay, std::function<void()> task) {
    timers_.push(shared_.clock.monotonic() + delay, std::move(task));
}

// ---- connections that come and go

void IoLoop::adopt(std::unique_ptr<TcpConnection> connection, std::string_view rest) {
    TcpConnection& added = *connection;
    if (connections_.adopt(std::move(connection))) http_.begin(added, rest);
}

void IoLoop::postConnection(std::unique_ptr<TcpConnection> connection, std::string rest) {
    // A task must be copyable, which a unique_ptr is not.
    const auto shared = std::make_shared<std::unique_ptr<TcpConnection>>(std::move(connection));
    post([this, shared, rest = std::move(rest)] { adopt(std::move(*shared), rest); });
}

/// Hands a connection that moves over to its new loop; removes any other from the server's counts.
void IoLoop::onRemoved(std::unique_ptr<TcpConnection>& connection) {
    if (connection->http) {
        if (const auto target = connection->http->movingTo()) {
            std::string rest = connection->http->takeRest();
            connection->http.reset();
            shared_.loops[target->value]->postConnection(std::move(connection), std::move(rest));
            return;
        }
    }
    shared_.connectionsOpen.fetch_sub(1);
    if (shared_.options.connectionsPerAddressMax > 0 && !connection->proxied) {
        shared_.addresses.leave(connection->address);
    }
}

// ---- the turn

void IoLoop::run() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);  // writev has no MSG_NOSIGNAL
    while (!ended_) turn();
    connections_.forEach([this](TcpConnection& connection) { connections_.drop(connection); });
    connections_.settleAll();
    service_->onTurnEnd();
}

void IoLoop::turn() {
    std::array<epoll_event, kEventsATurn> events;
    const Millis before = shared_.clock.monotonic();
    const int wait = waitMs();
    const int count = idle_.wait(epoll_, events, wait);
    const Millis now = shared_.clock.monotonic();
    turnTime_ = now;
    const bool late = wait >= 0 && now - before > Millis{wait} + kLateness;
    if (!late) runTimers(now);
    connections_.beginTurn();
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (const auto connection = EpollSet::connectionOf(event)) {
            connections_.handle(*connection, event.events);
        } else {
            EpollSet::run(event);
        }
    }
    connections_.readRemaining();
    if (late) runTimers(now);
    service_->onTurnEnd();  // first, so that other threads work while this one writes
    connections_.settleAll();
    if (slow_.relieve(outputBytes())) connections_.settleAll();
    service_->onTurnWritten();
    service_->onTurnEnd();  // connections that ended just now may have left something
    publishCounters();
    if (stopping_ && isStopped(now)) ended_ = true;
}

int IoLoop::waitMs() const {
    if (connections_.hasUnread()) return 0;
    std::optional<Millis> next;
    const auto consider = [&next](std::optional<Millis> when) {
        if (when && (!next || *when < *next)) next = when;
    };
    consider(connections_.deadlines().next());
    consider(timers_.next());
    consider(engine_->nextDeadline());
    if (stopping_) consider(stopAt_);
    if (!next) return -1;
    // The clock rounds milliseconds down, so this never wakes too early.
    const Millis left = *next - shared_.clock.monotonic();
    return static_cast<int>(std::clamp(left, Millis{0}, kWaitMax).count());
}

void IoLoop::runMailbox() {
    idle_.ranPosts();
    mailbox_.take(tasks_);
    for (auto& task : tasks_) {
        runTask(task);
        task = nullptr;
    }
    tasks_.clear();
}

void IoLoop::runTimers(Millis now) {
    while (const auto task = timers_.popDue(now)) runTask(*task);
    if (const auto next = engine_->nextDeadline(); next && *next <= now) engine_->tick(now);
    connections_.runDeadlines(now);
}

/// The bytes that wait for all clients: of this loop as of now, of others as of their last turns.
std::uint64_t IoLoop::outputBytes() {
    std::uint64_t bytes = service_->bytesHeld() + connections_.pool().bytes;
    bytes += engine_->counters().queuedBytes;
    for (const IoLoop* loop : shared_.loops) {
        bytes += loop->mailbox().bytes;
        if (loop != this) bytes += loop->counters().outputBytes();
    }
    return bytes;
}

void IoLoop::publishCounters() {
    counters_.publish(engine_->counters(), engine_->sessionCount());
    LoopCounters::set(counters_.outboxBytes, connections_.pool().bytes);
    LoopCounters::set(counters_.timers, connections_.deadlines().size() + timers_.size());
}

// ---- the end

void IoLoop::beginStop(Millis deadline) {
    closeAcceptor();
    stopping_ = true;
    stopAt_ = shared_.clock.monotonic() + deadline;
    engine_->closeAll();
    http_.stop();
    connections_.forEach([this](TcpConnection& connection) {
        webSockets_.close(connection, close_code::goingAway);
    });
}

bool IoLoop::isStopped(Millis now) const {
    return connections_.count() == 0 || now >= stopAt_;
}

}  // namespace parley::net
