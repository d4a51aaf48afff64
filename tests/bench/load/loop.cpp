#include "loop.h"

#include "clock.h"
#include "connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <sys/epoll.h>
#include <unistd.h>

namespace parley::bench {
namespace {

constexpr std::size_t readBufferBytes = 256 * 1024;
/// Few enough that the generator's replies leave soon.
constexpr int eventsPerTurnMax = 64;

}  // namespace

Loop::Loop() : epollFd_(epoll_create1(EPOLL_CLOEXEC)), buffer_(readBufferBytes) {
    if (epollFd_ < 0) throw std::runtime_error("epoll_create1 failed");
}

Loop::~Loop() {
    close(epollFd_);
}

void Loop::add(int fd, Connection& connection, bool wantsWrite) {
    epoll_event event{};
    event.events = wantsWrite ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    if (epoll_ctl(epollFd_, EPOLL_CTL_ADD, fd, &event) != 0) {
        throw std::runtime_error("epoll_ctl failed");
    }
}

void Loop::remove(int fd, Connection& connection) {
    epoll_ctl(epollFd_, EPOLL_CTL_DEL, fd, nullptr);
    std::erase(toFlush_, &connection);
}

void Loop::wantWrite(int fd, Connection& connection, bool want) {
    epoll_event event{};
    event.events = want ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    epoll_ctl(epollFd_, EPOLL_CTL_MOD, fd, &event);
}

bool Loop::runUntil(std::int64_t deadlineNs, const std::function<bool()>& done) {
    while (!done()) {
        if (nowNs() >= deadlineNs) return false;
        turn(deadlineNs);
    }
    return true;
}

void Loop::runFor(std::int64_t durationNs) {
    runUntil(nowNs() + durationNs, [] { return false; });
}

void Loop::turn(std::int64_t deadlineNs) {
    std::int64_t now = nowNs();
    if (tick_) {
        deadlineNs = std::min(deadlineNs, tick_(now));
        now = nowNs();
    }
    flushAll();
    const std::int64_t waitNs = std::max<std::int64_t>(0, deadlineNs - now);
    const timespec timeout{waitNs / nsPerSecond, waitNs % nsPerSecond};
    std::array<epoll_event, eventsPerTurnMax> events;
    const int count = epoll_pwait2(epollFd_, events.data(), eventsPerTurnMax, &timeout, nullptr);
    if (count < 0 && errno != EINTR) throw std::runtime_error("epoll_pwait2 failed");
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto& connection = *static_cast<Connection*>(event.data.ptr);
        if (event.events & EPOLLOUT) connection.onWritable();
        if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
            eventNs_ = nowNs();
            connection.onReadable(buffer_);
        }
    }
    flushAll();
}

void Loop::flushAll() {
    for (std::size_t i = 0; i < toFlush_.size(); ++i) toFlush_[i]->flush();
    toFlush_.clear();
}

}  // namespace parley::bench
