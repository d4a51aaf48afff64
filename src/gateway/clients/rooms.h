#pragma once

#include "gateway/history/member_list.h"

#include <parley/broadcast/delivery.h>
#include <parley/engineio/server.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace parley {

/// How a connection takes broadcasts.
struct Receiver {
    ConnectionId session;
    bool cursors = false;  ///< with their cursors: it was given a pid
    bool held = false;     ///< not yet: it is still being sent what it missed
};

/// Which of a loop's connections receive which broadcasts. The loop's thread only.
class Rooms {
public:
    /// `viewer`: through whose eyes. Joining again replaces it, and how it receives.
    void join(const Receiver& receiver, ConversationKey room, const Viewer& viewer);
    void leave(ConnectionId session, ConversationKey room);
    /// Joining again replaces how it receives.
    void joinDashboard(const Receiver& receiver);
    void leaveDashboard(ConnectionId session);

    /// Sends one delivery to those members here who may have it, but appends to `held` those who
    /// may and are held.
    void deliver(const Delivery& delivery, engineio::Server& sessions,
                 std::vector<ConnectionId>& held) const;

    std::size_t roomCount() const { return rooms_.size(); }
    std::size_t memberCount() const { return memberCount_; }

private:
    struct Member {
        ConnectionId session;
        UserKey user;
        UserRole role;
        bool cursors;
        bool held;
    };
    std::unordered_map<ConversationKey, MemberList<Member>> rooms_;
    std::size_t memberCount_ = 0;  // of all rooms
    MemberList<Receiver> dashboard_;
};

}  // namespace parley
