#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace parley::bench {

class Connection;

/// One epoll loop that drives all connections of the generator. Not thread-safe; one thread.
class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Called before each wait with the time; does what is due and returns the time of the next
    /// call. For senders that follow the clock.
    using Tick = std::function<std::int64_t(std::int64_t now)>;
    void setTick(Tick tick) { tick_ = std::move(tick); }

    /// Runs until `done` or `deadlineNs`; returns whether it was `done`.
    bool runUntil(std::int64_t deadlineNs, const std::function<bool()>& done);
    void runFor(std::int64_t durationNs);

    /// The time at which the current events were received from the kernel.
    std::int64_t eventNs() const { return eventNs_; }

private:
    friend class Connection;
    void add(int fd, Connection& connection, bool wantsWrite);
    void remove(int fd, Connection& connection);
    void wantWrite(int fd, Connection& connection, bool want);
    void flushSoon(Connection& connection) { toFlush_.push_back(&connection); }
    void turn(std::int64_t deadlineNs);
    void flushAll();

    int epollFd_;
    std::int64_t eventNs_ = 0;
    Tick tick_;
    std::vector<Connection*> toFlush_;
    std::vector<char> buffer_;  ///< read buffer of all connections, empty between reads
};

}  // namespace parley::bench
