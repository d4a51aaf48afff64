#include "net/io_loop.h"

#include "net/acceptor.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace parley::net {
namespace {

constexpr std::size_t kReadBufferBytes = 64 * 1024;
constexpr int kReadsAnEvent = 4;  // then the others have their turn; epoll reports the rest again
constexpr int kEventsATurn = 256;
constexpr int kTakingTurnsMax = 2;  // clients heard at once, above which they come in batches
constexpr int kSlotBits = 20;
constexpr int kLoopShift = 56;
constexpr std::uint64_t kSlotMask = (std::uint64_t{1} << kSlotBits) - 1;
constexpr std::uint64_t kSequenceMask = (std::uint64_t{1} << (kLoopShift - kSlotBits)) - 1;
constexpr Millis kFinishTimeout{5'000};
constexpr Millis kLingerTimeout{1'000};
constexpr std::size_t kVoidDeadlinesMax = 1024;
constexpr std::string_view kSlowClientReason = "reads too slowly";
// A loop that was kept away longer than this reads before it runs timers: the pongs that would
// stop the ping timeouts are lying in the sockets.
constexpr Millis kLateness{50};
// Sets a connection's number apart, in epoll's tag, from the address of a function.
constexpr std::uint64_t kConnectionTag = std::uint64_t{1} << 63;

}  // namespace

IoLoop::IoLoop(Shared& shared, std::uint16_t index)
    : shared_(shared), index_(index), readBuffer_(kReadBufferBytes) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    onMailbox_ = [this] { runMailbox(); };
    watch(mailbox_.descriptor(), &onMailbox_);
}

IoLoop::~IoLoop() {
    join();
    acceptor_.reset();
    engines_.clear();
    ::close(epoll_);
}

void IoLoop::setService(std::unique_ptr<Service> service) {
    service_ = std::move(service);
    const auto add = [this](const engineio::Options& options) {
        const std::size_t endpoint = engines_.size();
        // Sids and session numbers of all endpoints and loops differ: see ownerOf.
        const auto origin = static_cast<std::uint16_t>(index_ + endpoint * shared_.loops.size());
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

void IoLoop::watch(int descriptor, std::function<void()>* run) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = run;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

void IoLoop::unwatch(int descriptor) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
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
    for (auto& slot : slots_) {
        if (slot) doom(*slot);
    }
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
    const auto left = (*next - shared_.clock.monotonic()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

int IoLoop::await(std::span<epoll_event> events, int wait) {
    const auto look = [&](int timeout) {
        return ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
    };
    if (wait == 0) return look(0);
    int count = 0;
    const auto found = [&] { return (count = look(0)) != 0; };
    const bool takingTurns = std::exchange(takingTurns_, false);
    if (std::exchange(ranPosts_, false)) {
        if (waitForClients_.until(found)) {
            takingTurns_ = count <= kTakingTurnsMax;
            return count;
        }
    } else if ((takingTurns ? waitForCommit_ : waitForPosts_).until(found)) {
        return count;
    }
    return look(wait);
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
        if (event.data.u64 & kConnectionTag) {
            handleEvent(event.data.u64 & ~kConnectionTag, event.events);
        } else {
            (*static_cast<std::function<void()>*>(event.data.ptr))();
        }
    }
    if (late) runTimers(now);
    service_->onTurnEnd();  // first, so that others work on it while this thread writes
    settleAll();
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
    }
    counters_.sessionsOpen.store(sessions, relaxed);
    counters_.framesDropped.store(framesDropped_ + sum.framesDropped, relaxed);
    counters_.slowClientsClosed.store(slowClients_ + sum.slowClients, relaxed);
    counters_.pingTimeouts.store(sum.pingTimeouts, relaxed);
    counters_.pollsParked.store(sum.pollsParked, relaxed);
    counters_.outboxBytes.store(pool_.bytes, relaxed);
    counters_.timers.store(deadlines_.size() + timers_.size(), relaxed);
    const auto refused = [this](Refused reason) -> auto& {
        return counters_.refused[static_cast<std::size_t>(reason)];
    };
    refused(Refused::sessionLimit).store(sum.refusedFull, relaxed);
    refused(Refused::draining).store(sum.refusedDraining, relaxed);
}

bool IoLoop::stopped(Millis now) const {
    return open_ == 0 || now >= stopAt_;
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
    while (const auto number = deadlines_.popDue(now)) {
        Connection* connection = find(*number);
        if (!connection) continue;
        connection->armed = Millis{0};
        if (connection->deadline == Millis{0}) continue;
        if (connection->deadline <= now) {
            onDeadline(*connection);
        } else {
            setDeadline(*connection, connection->deadline);
        }
    }
}

/// `slot`: anything whose lowest bits are the slot.
std::uint64_t IoLoop::newNumber(std::uint64_t slot) {
    return std::uint64_t{index_} << kLoopShift | (++sequence_ & kSequenceMask) << kSlotBits |
           (slot & kSlotMask);
}

Connection* IoLoop::findBySlotOf(std::uint64_t number) {
    const auto slot = static_cast<std::size_t>(number & kSlotMask);
    return slot < slots_.size() ? slots_[slot].get() : nullptr;
}

Connection* IoLoop::find(std::uint64_t number) {
    Connection* connection = findBySlotOf(number);
    return connection && connection->number == number ? connection : nullptr;
}

void IoLoop::adopt(std::unique_ptr<Connection> connection) {
    if (freeSlots_.empty()) {
        if (slots_.size() > kSlotMask) {  // beyond any connectionsMax
            forget(*connection);
            return;
        }
        freeSlots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = freeSlots_.back();
    Connection& added = *connection;
    added.number = newNumber(slot);
    added.events = EPOLLIN;
    added.armed = added.deadline = Millis{0};
    epoll_event event{};
    event.events = added.events;
    event.data.u64 = added.number | kConnectionTag;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, added.socket.impl()->sockfd(), &event) != 0) {
        logger().warn("net_epoll_failed error={}", std::generic_category().message(errno));
        forget(*connection);
        return;
    }
    freeSlots_.pop_back();
    slots_[slot] = std::move(connection);
    ++open_;
    if (!added.http) added.http = std::make_unique<HttpState>();
    added.http->phase = HttpPhase::none;
    if (stopping_) added.http->last = true;
    markDirty(added);
    if (!added.http->rest.empty()) processHttp(added, {});
}

/// The connection is one of this server's no more.
void IoLoop::forget(const Connection& connection) {
    shared_.connectionsOpen.fetch_sub(1);
    if (shared_.options.connectionsPerAddressMax > 0) {
        shared_.addresses.leave(connection.address);
    }
}

void IoLoop::markDirty(Connection& connection) {
    if (connection.dirty) return;
    connection.dirty = true;
    dirty_.push_back(connection.number);
}

void IoLoop::doom(Connection& connection) {
    if (connection.doomed) return;
    connection.doomed = true;
    doomed_.push_back(connection.number);
}

/// Nothing more is said after what is queued.
void IoLoop::finish(Connection& connection) {
    if (connection.state == ConnectionState::finishing ||
        connection.state == ConnectionState::lingering) {
        return;
    }
    connection.state = ConnectionState::finishing;
    setDeadline(connection, shared_.clock.monotonic() + kFinishTimeout);
    markDirty(connection);
}

void IoLoop::handleEvent(std::uint64_t number, std::uint32_t events) {
    Connection* connection = find(number);
    if (!connection || connection->doomed) return;
    try {
        if (events & (EPOLLERR | EPOLLHUP)) {
            // Both directions are gone. What had arrived before may still be of use.
            if (!connection->readClosed) readFrom(*connection);
            doom(*connection);
            return;
        }
        if (events & EPOLLOUT) {
            connection->blocked = false;
            markDirty(*connection);
        }
        if (events & EPOLLIN) readFrom(*connection);
    } catch (const std::exception& error) {
        logger().error("net_connection_failed error={}", error.what());
        doom(*connection);
    }
}

void IoLoop::readFrom(Connection& connection) {
    markDirty(connection);
    for (int i = 0; i < kReadsAnEvent && !connection.doomed; ++i) {
        const IoResult result = readSome(connection.socket, readBuffer_.data(), readBuffer_.size());
        if (result.status == IoStatus::again) return;
        if (result.status == IoStatus::closed) {
            onReadClosed(connection);
            return;
        }
        counters_.bytesIn.fetch_add(result.bytes, std::memory_order_relaxed);
        const std::string_view bytes(readBuffer_.data(), result.bytes);
        if (connection.state == ConnectionState::http) {
            processHttp(connection, bytes);
        } else if (connection.state == ConnectionState::webSocket) {
            processWebSocket(connection, bytes);
        }
        if (result.bytes < readBuffer_.size()) return;
        if (connection.http && connection.http->stalled) return;
    }
}

/// The peer sends no more. Plain requests that are being worked on are still answered.
void IoLoop::onReadClosed(Connection& connection) {
    connection.readClosed = true;
    const bool answering =
        connection.state == ConnectionState::http &&
        (!connection.outbox.empty() || !connection.http->pending.empty()) &&
        std::none_of(
            connection.http->pending.begin(), connection.http->pending.end(),
            [](const PendingAnswer& pending) { return pending.endpoint >= 0 && !pending.ready; });
    const bool flushing =
        connection.state == ConnectionState::finishing && !connection.outbox.empty();
    if (answering) connection.http->last = true;
    if (!answering && !flushing) doom(connection);
}

void IoLoop::settleAll() {
    // Telling services that a connection ended may produce output for others, and so on.
    while (!dirty_.empty() || !doomed_.empty()) {
        std::swap(settling_, dirty_);
        for (const std::uint64_t number : settling_) {
            Connection* connection = find(number);
            if (!connection) continue;
            connection->dirty = false;
            try {
                settle(*connection);
            } catch (const std::exception& error) {
                logger().error("net_connection_failed error={}", error.what());
                doom(*connection);
            }
        }
        settling_.clear();
        const std::vector<std::uint64_t> ended = std::exchange(doomed_, {});
        for (const std::uint64_t number : ended) destroy(number);
    }
}

void IoLoop::settle(Connection& connection) {
    if (connection.doomed) return;
    if (connection.state == ConnectionState::http) {
        settleHttp(connection);
    } else {
        flush(connection);
    }
    if (connection.doomed || connection.dirty) return;
    if (connection.state == ConnectionState::finishing && connection.outbox.empty()) {
        if (connection.readClosed) {
            doom(connection);
            return;
        }
        endSending(connection.socket);
        connection.state = ConnectionState::lingering;
        setDeadline(connection, shared_.clock.monotonic() + kLingerTimeout);
    }
    updateEvents(connection);
}

void IoLoop::flush(Connection& connection) {
    const bool overLimit = connection.outbox.bytesWaiting() > shared_.options.outboxBytesMax;
    if (connection.outbox.empty() || (connection.blocked && !overLimit)) return;
    std::uint64_t frames = 0;
    const IoResult result = connection.outbox.flush(connection.socket, pool_, frames);
    counters_.bytesOut.fetch_add(result.bytes, std::memory_order_relaxed);
    if (connection.state == ConnectionState::webSocket) {
        counters_.framesOut.fetch_add(frames, std::memory_order_relaxed);
    }
    if (result.status == IoStatus::closed) {
        doom(connection);
        return;
    }
    connection.blocked = !connection.outbox.empty();
    if (connection.state == ConnectionState::webSocket) checkOutbox(connection);
    if (connection.http) updateHttpDeadline(connection, result.bytes > 0);
}

/// After a flush only: before it, what one turn produced would count against a healthy client.
void IoLoop::checkOutbox(Connection& connection) {
    const std::size_t max = shared_.options.outboxBytesMax;
    if (connection.outbox.bytesWaiting() <= max) return;
    framesDropped_ += connection.outbox.dropDroppable(pool_);
    if (connection.outbox.bytesWaiting() <= max) return;
    ++slowClients_;
    logger().warn("slow_client_closed bytes_waiting={}", connection.outbox.bytesWaiting());
    // Only the frame that was begun is still sent, and why the connection ends. Whoever does not
    // even read that is gone after kFinishTimeout.
    connection.outbox.dropWaiting(pool_);
    tellEngine(connection, engineio::CloseReason::slowClient);
    sendClose(connection, close_code::policy, kSlowClientReason);
}

void IoLoop::setDeadline(Connection& connection, Millis deadline) {
    connection.deadline = deadline;
    if (deadline == Millis{0}) return;
    if (connection.armed != Millis{0} && connection.armed <= deadline) return;
    connection.armed = deadline;
    deadlines_.push(deadline, connection.number);
    // Whoever connects and leaves, again and again, must not leave its deadlines behind.
    if (deadlines_.size() <= 2 * open_ + kVoidDeadlinesMax) return;
    deadlines_.removeIf([this](Millis when, std::uint64_t number) {
        const Connection* owner = find(number);
        return owner == nullptr || owner->armed != when;
    });
}

void IoLoop::updateEvents(Connection& connection) {
    std::uint32_t wanted = 0;
    const bool paused = connection.state == ConnectionState::http && connection.http->stalled;
    if (!connection.readClosed && !paused) wanted |= EPOLLIN;
    if (!connection.outbox.empty()) wanted |= EPOLLOUT;
    if (wanted == connection.events) return;
    epoll_event event{};
    event.events = wanted;
    event.data.u64 = connection.number | kConnectionTag;
    if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.socket.impl()->sockfd(), &event) != 0) {
        doom(connection);
        return;
    }
    connection.events = wanted;
}

void IoLoop::onDeadline(Connection& connection) {
    const HttpPhase phase = connection.http && connection.state == ConnectionState::http
                                ? connection.http->phase
                                : HttpPhase::none;
    if (phase == HttpPhase::head || phase == HttpPhase::body) {
        counters_.count(phase == HttpPhase::head ? Refused::headerTimeout : Refused::bodyTimeout);
        refuse(connection, {408, "the request took too long to arrive"});
    } else {
        if (phase == HttpPhase::idle || phase == HttpPhase::writing) {
            counters_.count(Refused::idleTimeout);
        }
        doom(connection);
    }
}

void IoLoop::destroy(std::uint64_t number) {
    Connection* found = find(number);
    if (!found) return;
    const auto slot = static_cast<std::size_t>(number & kSlotMask);
    // Out of the table first: what the services do now must not find it.
    std::unique_ptr<Connection> connection = std::move(slots_[slot]);
    freeSlots_.push_back(static_cast<std::uint32_t>(slot));
    --open_;
    unwatch(connection->socket.impl()->sockfd());
    connection->doomed = connection->dirty = false;
    if (connection->http && connection->http->movingTo) {
        handOver(std::move(connection));
        return;
    }
    forget(*connection);
    connection->outbox.clear(pool_);
    tellEngine(*connection, engineio::CloseReason::transportClose);
    if (connection->http) {
        withdrawPost(*connection);
        for (const auto& pending : connection->http->pending) {
            if (pending.ready) continue;
            if (pending.endpoint >= 0) {
                engines_[static_cast<std::size_t>(pending.endpoint)]->onRequestAborted(
                    pending.number);
            } else {
                service_->onHttpAborted(pending.number);
            }
        }
    }
    try {
        connection->socket.close();
    } catch (const Poco::Exception&) {
        // Its descriptor is gone either way.
    }
}

void IoLoop::beginStop(Millis deadline) {
    closeAcceptor();
    stopping_ = true;
    stopAt_ = shared_.clock.monotonic() + deadline;
    for (const auto& engine : engines_) engine->closeAll();
    for (const auto& slot : slots_) {
        if (!slot) continue;
        markDirty(*slot);
        if (slot->state == ConnectionState::http) slot->http->last = true;
        if (slot->state == ConnectionState::webSocket) sendClose(*slot, close_code::goingAway);
    }
}

}  // namespace parley::net
