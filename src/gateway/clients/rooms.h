#pragma once

#include "gateway/clients/member_list.h"

#include <parley/broadcast/delivery.h>
#include <parley/core/numbers.h>
#include <parley/engineio/endpoint.h>

#include <atomic>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace parley {

/// A connection receives a conversation's broadcasts, as far as `viewer` may see them.
struct Subscription {
    ConversationKey conversation;
    Viewer viewer;
    bool operator==(const Subscription&) const = default;
};

/// A connection's side of its memberships. Rooms changes it together with the rooms' side, so the
/// two always say the same. The loop's thread.
class Subscriber {
public:
    explicit Subscriber(ConnectionId connection) : connection_(connection) {}

    ConnectionId connection() const { return connection_; }
    /// At most one of a conversation; in the order in which they began.
    const std::vector<Subscription>& rooms() const { return rooms_; }
    bool watchesDashboard() const { return dashboard_; }

    /// From here on, broadcasts of what is in the log end with their cursors.
    /// REQUIRES: it is in no room and watches no dashboard.
    void takeCursors() { cursors_ = true; }

private:
    friend class Rooms;
    ConnectionId connection_;
    bool dashboard_ = false;
    bool presence_ = false;
    bool cursors_ = false;
    bool held_ = false;
    std::vector<Subscription> rooms_;
};

/// Which of a loop's connections receive which broadcasts. The loop's thread only.
class Rooms {
public:
    /// Adds to `rooms` how many rooms have members here, to `subscriptions` how many members all of
    /// them have, and to `presence` how many dashboards are told who is there. They outlive this.
    Rooms(std::atomic<std::int64_t>& rooms, std::atomic<std::int64_t>& subscriptions,
          std::atomic<std::int64_t>& presence)
        : roomCount_(rooms), subscriptionCount_(subscriptions), presenceCount_(presence) {}

    /// Joining again replaces the viewer.
    void join(Subscriber& subscriber, ConversationKey room, const Viewer& viewer);
    void leave(Subscriber& subscriber, ConversationKey room);
    /// `presence`: it is also sent what Delivery::presence marks.
    void watchDashboard(Subscriber& subscriber, bool watch, bool presence = false);
    /// While a subscriber is held, `deliver` sends it nothing and names it instead.
    void hold(Subscriber& subscriber, bool held);
    /// Leaves every room and the dashboard.
    void leaveAll(Subscriber& subscriber);

    /// Sends one delivery to those members here that may see it. Those of them that are held are
    /// appended to `held` instead.
    void deliver(const Delivery& delivery, engineio::Endpoint& sessions,
                 std::vector<ConnectionId>& held) const;

private:
    struct Member {
        ConnectionId connection;
        UserKey user;
        UserRole role;
        bool cursors;
        bool held;
    };
    struct Watcher {
        ConnectionId connection;
        bool cursors;
        bool held;
        bool presence;
    };

    void put(const Subscriber& subscriber, const Subscription& subscription);
    void remove(ConnectionId connection, ConversationKey room);

    std::unordered_map<ConversationKey, MemberList<Member>> members_;
    MemberList<Watcher> dashboard_;
    std::atomic<std::int64_t>& roomCount_;
    std::atomic<std::int64_t>& subscriptionCount_;
    std::atomic<std::int64_t>& presenceCount_;
};

}  // namespace parley
