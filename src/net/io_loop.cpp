#include "net/io_loop.h"

#include "net/acceptor.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

/// The turn of a loop, what it waits for, its start and its end.
namespace parley::net {
namespace {

constexpr std::size_t kReadBufferBytes = 64 * 1024;
constexpr int kEventsATurn = 256;
constexpr int kTakingTurnsMax = 2;  // clients heard at once, above which they come in batches
constexpr Millis kWaitMax{60'000};  // then it looks again what is due
// A loop that was kept away longer than this reads before it runs timers: the pongs that would
// stop the ping timeouts are lying in the sockets.
constexpr Millis kLateness{50};

}  // namespace

IoLoop::IoLoop(Shared& shared, LoopIndex index)
    : shared_(shared), index_(index), connections_(index), readBuffer_(kReadBufferBytes) {
    onMailbox_ = [this] { runMailbox(); };
    watch(mailbox_.descriptor(), &onMailbox_);
}

IoLoop::~IoLoop() {
    join();
    acceptor_.reset();
    engines_.clear();
}

void IoLoop::setService(std::unique_ptr<Service> service) {
    service_ = std::move(service);
    const auto add = [this](const engineio::Options& options) {
        const std::size_t endpoint = engines_.size();
        // Sids and session numbers of all endpoints and loops differ: see ownerOf.
        const LoopIndex origin{
            static_cast<std::uint16_t>(index_.value + endpoint * shared_.loops.size())};
        engineio::Wire& wire = *this;
        engines_.push_back(std::make_unique<engineio::Server>(
            options, origin, shared_.clock, random_, wire, service_->application(endpoint)));
    };
    add(shared_.options.engineio);
    for (const auto& options : shared_.options.furtherEndpoints) add(options);
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

void IoLoop::refuseSessions() {
    for (const auto& engine : engines_) engine->refuseNew();
}

void IoLoop::after(std::chrono::milliseconds delay, std::function<void()> task) {
    timers_.push(shared_.clock.monotonic() + delay, std::move(task));
}

void IoLoop::run() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);  // writev has no MSG_NOSIGNAL
    while (!ended_) turn();
    connections_.forEach([this](Connection& connection) { doom(connection); });
    settleAll();
    service_->onTurnEnd();
}

int IoLoop::waitMs() const {
    std::optional<Millis> next;
    const auto consider = [&next](std::optional<Millis> when) {
        if (when && (!next || *when < *next)) next = when;
    };
    consider(deadlines_.next());
    consider(timers_.next());
    for (const auto& engine : engines_) consider(engine->nextDeadline());
    if (stopping_) consider(stopAt_);
    if (!next) return -1;
    // The clock's milliseconds are rounded down, so that this never wakes too early.
    const Millis left = *next - shared_.clock.monotonic();
    return static_cast<int>(std::clamp(left, Millis{0}, kWaitMax).count());
}

int IoLoop::await(std::span<epoll_event> events, int wait) {
    if (wait == 0) return epoll_.wait(events, 0);
    int count = 0;
    const auto found = [&] { return (count = epoll_.wait(events, 0)) != 0; };
    const bool takingTurns = std::exchange(takingTurns_, false);
    if (std::exchange(ranPosts_, false)) {
        if (waitForClients_.until(found)) {
            takingTurns_ = count <= kTakingTurnsMax;
            return count;
        }
    } else if ((takingTurns ? waitForCommit_ : waitForPosts_).until(found)) {
        return count;
    }
    return epoll_.wait(events, wait);
}

void IoLoop::turn() {
    std::array<epoll_event, kEventsATurn> events;
    const Millis before = shared_.clock.monotonic();
    const int wait = waitMs();
    const int count = await(events, wait);
    const Millis now = shared_.clock.monotonic();
    const bool late = wait >= 0 && now - before > Millis{wait} + kLateness;
    if (!late) runTimers(now);
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (const auto connection = EpollSet::connectionOf(event)) {
            handleEvent(*connection, event.events);
        } else {
            EpollSet::run(event);
        }
    }
    if (late) runTimers(now);
    service_->onTurnEnd();  // first, so that others work on it while this thread writes
    settleAll();
    if (relieve()) settleAll();
    service_->onTurnEnd();  // connections that ended just now may have left something
    publishCounters();
    if (stopping_ && stopped(now)) ended_ = true;
}

void IoLoop::publishCounters() {
    constexpr auto relaxed = std::memory_order_relaxed;
    std::uint64_t sessions = 0;
    engineio::ServerCounters sum;
    for (const auto& engine : engines_) {
        const engineio::ServerCounters one = engine->counters();
        sessions += engine->sessionCount();
        sum.framesDropped += one.framesDropped;
        sum.slowClients += one.slowClients;
        sum.pingTimeouts += one.pingTimeouts;
        sum.refusedFull += one.refusedFull;
        sum.refusedDraining += one.refusedDraining;
        sum.pollsParked += one.pollsParked;
        sum.pollersOver += one.pollersOver;
        sum.queuedBytes += one.queuedBytes;
    }
    counters_.sessionsOpen.store(sessions, relaxed);
    counters_.framesDropped.store(framesDropped_ + sum.framesDropped, relaxed);
    counters_.slowClientsClosed.store(slowClients_ + sum.slowClients, relaxed);
    counters_.pingTimeouts.store(sum.pingTimeouts, relaxed);
    counters_.pollsParked.store(sum.pollsParked, relaxed);
    counters_.outboxBytes.store(pool_.bytes + sum.queuedBytes, relaxed);
    counters_.clientsPaused.store(clientsPaused_ + sum.pollersOver, relaxed);
    counters_.timers.store(deadlines_.size() + timers_.size(), relaxed);
    const auto refused = [this](Refused reason) -> auto& {
        return counters_.refused[static_cast<std::size_t>(reason)];
    };
    refused(Refused::sessionLimit).store(sum.refusedFull, relaxed);
    refused(Refused::draining).store(sum.refusedDraining, relaxed);
}

bool IoLoop::stopped(Millis now) const {
    return connections_.count() == 0 || now >= stopAt_;
}

void IoLoop::runMailbox() {
    ranPosts_ = true;
    mailbox_.take(tasks_);
    for (auto& task : tasks_) {
        try {
            task();
        } catch (const std::exception& error) {
            logger().error("net_task_failed error={}", error.what());
        }
        task = nullptr;
    }
    tasks_.clear();
}

void IoLoop::runTimers(Millis now) {
    while (auto task = timers_.popDue(now)) {
        try {
            (*task)();
        } catch (const std::exception& error) {
            logger().error("net_timer_failed error={}", error.what());
        }
    }
    for (const auto& engine : engines_) {
        if (const auto next = engine->nextDeadline(); next && *next <= now) engine->tick(now);
    }
    while (Connection* connection = deadlines_.popDue(now)) onDeadline(*connection);
}

void IoLoop::beginStop(Millis deadline) {
    closeAcceptor();
    stopping_ = true;
    stopAt_ = shared_.clock.monotonic() + deadline;
    for (const auto& engine : engines_) engine->closeAll();
    connections_.forEach([this](Connection& connection) {
        markDirty(connection);
        if (connection.state == ConnectionState::http) connection.http->last = true;
        sendClose(connection, close_code::goingAway);
    });
}

}  // namespace parley::net
