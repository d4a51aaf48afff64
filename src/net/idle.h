#pragma once

#include "net/epoll_set.h"

#include <parley/core/brief_wait.h>

#include <span>

namespace parley::net {

/// How a loop waits for the next thing to do: briefly awake where something is about to happen,
/// asleep otherwise. Three waits, as their answers take differently long and each learns by itself
/// whether it pays. The loop's thread.
class Idle {
public:
    /// As EpollSet::wait. 0 for `waitMs` only looks.
    int wait(EpollSet& epoll, std::span<epoll_event> events, int waitMs);
    /// This turn ran what other threads posted, mostly what the writer has committed.
    void ranPosts() { ranPosts_ = true; }

private:
    // A look takes a bit less than a microsecond: about 50 us, and 300 us for the last.
    BriefWait forClients_{64};  ///< until clients ask for more, after what they were sent
    BriefWait forPosts_{64};    ///< until the writer has committed what was asked for
    /// Likewise, where one client answers at once what it is sent: nothing else can happen next,
    /// and a commit may take that long.
    BriefWait forCommit_{600};
    bool ranPosts_ = false;     // in this turn
    bool takingTurns_ = false;  // a client answered within `forClients_`
};

}  // namespace parley::net
