#include "gateway/clients/rooms.h"

namespace parley {
namespace {

// A delivery on its way to one loop's members. The frame with its cursor is made when the first
// member takes it, once for all.
class Sending {
public:
    Sending(const Delivery& delivery, engineio::Endpoint& sessions, std::vector<ConnectionId>& held)
        : delivery_(delivery), sessions_(sessions), held_(held) {}

    template <typename Member>
    void to(const Member& member) {
        if (member.held) {
            held_.push_back(member.connection);
        } else if (!member.cursors) {
            sessions_.send(member.connection, delivery_.frame);
        } else {
            if (!withCursor_) withCursor_ = withCursor(delivery_);
            sessions_.send(member.connection, withCursor_);
        }
    }

private:
    const Delivery& delivery_;
    engineio::Endpoint& sessions_;
    std::vector<ConnectionId>& held_;
    engineio::FramePtr withCursor_;
};

}  // namespace

void Rooms::put(const Subscriber& subscriber, const Subscription& subscription) {
    auto& room = members_[subscription.conversation];
    if (room.empty()) roomCount_.fetch_add(1, std::memory_order_relaxed);
    const Member member{subscriber.connection_, subscription.viewer.user(),
                        subscription.viewer.role(), subscriber.cursors_, subscriber.held_};
    if (room.put(member)) subscriptionCount_.fetch_add(1, std::memory_order_relaxed);
}

void Rooms::remove(ConnectionId connection, ConversationKey room) {
    const auto found = members_.find(room);
    if (found == members_.end()) return;
    if (found->second.remove(connection)) {
        subscriptionCount_.fetch_sub(1, std::memory_order_relaxed);
    }
    if (!found->second.empty()) return;
    members_.erase(found);
    roomCount_.fetch_sub(1, std::memory_order_relaxed);
}

void Rooms::join(Subscriber& subscriber, ConversationKey room, const Viewer& viewer) {
    std::erase_if(subscriber.rooms_, [&](const auto& one) { return one.conversation == room; });
    subscriber.rooms_.push_back({room, viewer});
    put(subscriber, subscriber.rooms_.back());
}

void Rooms::leave(Subscriber& subscriber, ConversationKey room) {
    std::erase_if(subscriber.rooms_, [&](const auto& one) { return one.conversation == room; });
    remove(subscriber.connection_, room);
}

void Rooms::watchDashboard(Subscriber& subscriber, bool watch, bool presence) {
    const bool told = watch && presence;
    if (told != subscriber.presence_) {
        presenceCount_.fetch_add(told ? 1 : -1, std::memory_order_relaxed);
    }
    subscriber.dashboard_ = watch;
    subscriber.presence_ = told;
    if (watch) {
        dashboard_.put({subscriber.connection_, subscriber.cursors_, subscriber.held_, presence});
    } else {
        dashboard_.remove(subscriber.connection_);
    }
}

void Rooms::hold(Subscriber& subscriber, bool held) {
    subscriber.held_ = held;
    for (const auto& subscription : subscriber.rooms_) put(subscriber, subscription);
    if (subscriber.dashboard_) watchDashboard(subscriber, true, subscriber.presence_);
}

void Rooms::leaveAll(Subscriber& subscriber) {
    for (const auto& subscription : subscriber.rooms_) {
        remove(subscriber.connection_, subscription.conversation);
    }
    subscriber.rooms_.clear();
    if (subscriber.dashboard_) watchDashboard(subscriber, false);
}

void Rooms::deliver(const Delivery& delivery, engineio::Endpoint& sessions,
                    std::vector<ConnectionId>& held) const {
    Sending sending(delivery, sessions, held);
    if (delivery.room.value == 0) {
        for (const auto& watcher : dashboard_) {
            if (!delivery.presence || watcher.presence) sending.to(watcher);
        }
        return;
    }
    const auto room = members_.find(delivery.room);
    if (room == members_.end()) return;
    for (const auto& member : room->second) {
        if (member.connection == delivery.except) continue;
        const auto viewer = Viewer::of(member.user, member.role);
        if (visible(delivery.visible, delivery.author, viewer)) sending.to(member);
    }
}

}  // namespace parley
