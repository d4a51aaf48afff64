#include "net/idle.h"

#include <utility>

namespace parley::net {
namespace {

// With more clients than this at once, their requests come in batches.
constexpr int kTakingTurnsMax = 2;

}  // namespace

int Idle::wait(EpollSet& epoll, std::span<epoll_event> events, int waitMs) {
    if (waitMs == 0) return epoll.wait(events, 0);
    int count = 0;
    const auto found = [&] { return (count = epoll.wait(events, 0)) != 0; };
    const bool takingTurns = std::exchange(takingTurns_, false);
    if (std::exchange(ranPosts_, false)) {
        if (forClients_.until(found)) {
            takingTurns_ = count <= kTakingTurnsMax;
            return count;
        }
    } else if ((takingTurns ? forCommit_ : forPosts_).until(found)) {
        return count;
    }
    return epoll.wait(events, waitMs);
}

}  // namespace parley::net
