#include "gateway/clients/rooms.h"

namespace parley {
namespace {

// A delivery on its way to one loop's members. The frame with its cursor is made when the first
// member wants it, once for all.
class Sending {
public:
    Sending(const Delivery& delivery, engineio::Server& sessions, std::vector<ConnectionId>& held)
        : delivery_(delivery), sessions_(sessions), held_(held) {}

    template <typename Member>
    void to(const Member& member) {
        if (member.held) {
            held_.push_back(member.session);
        } else if (!member.cursors) {
            sessions_.send(member.session, delivery_.frame);
        } else {
            if (!withCursor_) withCursor_ = withCursor(delivery_);
            sessions_.send(member.session, withCursor_);
        }
    }

private:
    const Delivery& delivery_;
    engineio::Server& sessions_;
    std::vector<ConnectionId>& held_;
    engineio::FramePtr withCursor_;
};

}  // namespace

void Rooms::join(const Receiver& receiver, ConversationKey room, const Viewer& viewer) {
    const Member member{receiver.session, viewer.user(), viewer.role(), receiver.cursors,
                        receiver.held};
    if (rooms_[room].put(member)) ++memberCount_;
}

void Rooms::leave(ConnectionId session, ConversationKey room) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    if (found->second.remove(session)) --memberCount_;
    if (found->second.empty()) rooms_.erase(found);
}

void Rooms::joinDashboard(const Receiver& receiver) {
    dashboard_.put(receiver);
}

void Rooms::leaveDashboard(ConnectionId session) {
    dashboard_.remove(session);
}

void Rooms::deliver(const Delivery& delivery, engineio::Server& sessions,
                    std::vector<ConnectionId>& held) const {
    Sending sending(delivery, sessions, held);
    if (delivery.room.value == 0) {
        for (const auto& member : dashboard_) sending.to(member);
        return;
    }
    const auto room = rooms_.find(delivery.room);
    if (room == rooms_.end()) return;
    for (const auto& member : room->second) {
        if (member.session == delivery.except) continue;
        const auto viewer = Viewer::of(member.user, member.role);
        if (visible(delivery.visible, delivery.author, viewer)) sending.to(member);
    }
}

}  // namespace parley
