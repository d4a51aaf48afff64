#pragma once

#include "net/epoll_set.h"

#include <parley/core/brief_wait.h>

#include <span>

namespace parley::net {

/// How a loop waits for its next event: it polls briefly where one is about to come, and sleeps
/// otherwise. There are three brief waits, as what they wait for takes differently long; each
/// learns by itself whether it pays. The loop's thread.
class Idle {
public:
    /// As EpollSet::wait. 0 for `waitMs` only looks.
    int wait(EpollSet& epoll, std::span<epoll_event> events, int waitMs);
    /// This turn ran what other threads posted, mostly what the writer has committed.
    void ranPosts() { ranPosts_ = true; }

private:
    // A try takes a bit less than a microsecond: about 50 us, and 300 us for the last.
    BriefWait forClients_{64};  ///< for the clients' next requests, after output to them
    BriefWait forPosts_{64};    ///< for the writer's commit, after requests to it
    /// Likewise, where one client answers each output at once: its commit is the only next event,
    /// and may take that long.
    BriefWait forCommit_{600};
    bool ranPosts_ = false;     // in this turn
    bool takingTurns_ = false;  // a client answered within `forClients_`
};

}  // namespace parley::net
