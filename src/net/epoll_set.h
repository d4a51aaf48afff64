#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <sys/epoll.h>

namespace parley::net {

/// What one loop waits for: its connections, by number, and a few other descriptors, each with a
/// function to call when it is readable. Owns neither descriptors nor functions. Once the loop's
/// thread runs, for that thread only.
class EpollSet {
public:
    /// Throws std::system_error when the kernel refuses.
    EpollSet();
    ~EpollSet();
    EpollSet(const EpollSet&) = delete;
    EpollSet& operator=(const EpollSet&) = delete;

    /// False, with errno, when the kernel refuses. REQUIRES: `number` has its highest bit free.
    bool addConnection(int descriptor, std::uint64_t number, std::uint32_t events);
    bool changeConnection(int descriptor, std::uint64_t number, std::uint32_t events);
    /// REQUIRES: `run` lives until the turn after `remove`. Throws std::system_error.
    void watch(int descriptor, std::function<void()>* run);
    void remove(int descriptor);

    /// How many of `events` have been filled. -1 for `waitMs` waits until something happens.
    int wait(std::span<epoll_event> events, int waitMs) {
        return ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), waitMs);
    }
    /// The number of the connection that the event is for; nothing for a watched descriptor's.
    static std::optional<std::uint64_t> connectionOf(const epoll_event& event) {
        if (!(event.data.u64 & kConnectionTag)) return std::nullopt;
        return event.data.u64 & ~kConnectionTag;
    }
    static void run(const epoll_event& event) {
        (*static_cast<std::function<void()>*>(event.data.ptr))();
    }

private:
    bool control(int operation, int descriptor, std::uint64_t number, std::uint32_t events);

    // Sets a connection's number apart from the address of a function, which never has this bit.
    static constexpr std::uint64_t kConnectionTag = std::uint64_t{1} << 63;

    int epoll_;
};

}  // namespace parley::net
