#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <parley/broadcast/delivery.h>
#include <parley/engineio/server.h>

namespace parley {

/// Which of a loop's connections receive which broadcasts. The loop's thread only.
class Rooms {
public:
    /// `viewer`: through whose eyes. Joining again replaces it.
    void join(engineio::SessionNumber session, ConversationKey room, const Viewer& viewer);
    void leave(engineio::SessionNumber session, ConversationKey room);
    void joinDashboard(engineio::SessionNumber session);
    void leaveDashboard(engineio::SessionNumber session);

    /// Sends one delivery to those members here who may have it.
    void deliver(const Delivery& delivery, engineio::Server& sessions) const;

    std::size_t roomCount() const { return rooms_.size(); }
    std::size_t memberCount() const { return memberCount_; }

private:
    struct Member {
        engineio::SessionNumber session;
        Viewer viewer;
    };
    std::unordered_map<ConversationKey, std::vector<Member>> rooms_;
    std::size_t memberCount_ = 0;  // of all rooms
    std::vector<engineio::SessionNumber> dashboard_;
};

}  // namespace parley
