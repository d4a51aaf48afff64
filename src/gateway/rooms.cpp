#include "gateway/rooms.h"

#include <algorithm>

namespace parley {
namespace {

template <typename List>
auto findSession(List& list, engineio::SessionNumber session) {
    return std::find_if(list.begin(), list.end(),
                        [&](const auto& one) { return one.session == session; });
}

// A delivery on its way to one loop's members. The frame without cursor is made when the first
// member wants it, once for all.
class Sending {
public:
    Sending(const Delivery& delivery, engineio::Server& sessions,
            std::vector<engineio::SessionNumber>& held)
        : delivery_(delivery), sessions_(sessions), held_(held) {}

    template <typename Member>
    void to(const Member& member) {
        if (member.held) {
            held_.push_back(member.session);
        } else if (member.cursors) {
            sessions_.send(member.session, delivery_.frame);
        } else {
            if (!plain_) plain_ = withoutCursor(delivery_);
            sessions_.send(member.session, plain_);
        }
    }

private:
    const Delivery& delivery_;
    engineio::Server& sessions_;
    std::vector<engineio::SessionNumber>& held_;
    engineio::FramePtr plain_;
};

}  // namespace

void Rooms::join(const Receiver& receiver, ConversationKey room, const Viewer& viewer) {
    const Member member{receiver.session, viewer.user, viewer.role, receiver.cursors,
                        receiver.held};
    auto& members = rooms_[room];
    const auto known = findSession(members, receiver.session);
    if (known == members.end()) {
        members.push_back(member);
        ++memberCount_;
    } else {
        *known = member;
    }
}

void Rooms::leave(engineio::SessionNumber session, ConversationKey room) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    memberCount_ -=
        std::erase_if(found->second, [&](const Member& m) { return m.session == session; });
    if (found->second.empty()) rooms_.erase(found);
}

void Rooms::joinDashboard(const Receiver& receiver) {
    const auto known = findSession(dashboard_, receiver.session);
    if (known == dashboard_.end()) {
        dashboard_.push_back(receiver);
    } else {
        *known = receiver;
    }
}

void Rooms::leaveDashboard(engineio::SessionNumber session) {
    std::erase_if(dashboard_, [&](const Receiver& one) { return one.session == session; });
}

void Rooms::deliver(const Delivery& delivery, engineio::Server& sessions,
                    std::vector<engineio::SessionNumber>& held) const {
    Sending sending(delivery, sessions, held);
    if (delivery.room.value == 0) {
        for (const auto& member : dashboard_) sending.to(member);
        return;
    }
    const auto room = rooms_.find(delivery.room);
    if (room == rooms_.end()) return;
    for (const auto& member : room->second) {
        if (member.session == delivery.except) continue;
        const Viewer viewer{member.user, member.role};
        if (visible(delivery.visible, delivery.author, viewer)) sending.to(member);
    }
}

}  // namespace parley
