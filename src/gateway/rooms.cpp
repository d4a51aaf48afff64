#include "gateway/rooms.h"

#include <algorithm>

namespace parley {

void Rooms::join(engineio::SessionNumber session, ConversationKey room, const Viewer& viewer) {
    auto& members = rooms_[room];
    const auto known = std::find_if(members.begin(), members.end(),
                                    [&](const Member& m) { return m.session == session; });
    if (known == members.end()) {
        members.push_back({session, viewer});
        ++memberCount_;
    } else {
        known->viewer = viewer;
    }
}

void Rooms::leave(engineio::SessionNumber session, ConversationKey room) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    memberCount_ -=
        std::erase_if(found->second, [&](const Member& m) { return m.session == session; });
    if (found->second.empty()) rooms_.erase(found);
}

void Rooms::joinDashboard(engineio::SessionNumber session) {
    if (std::find(dashboard_.begin(), dashboard_.end(), session) == dashboard_.end()) {
        dashboard_.push_back(session);
    }
}

void Rooms::leaveDashboard(engineio::SessionNumber session) { std::erase(dashboard_, session); }

void Rooms::deliver(const Delivery& delivery, engineio::Server& sessions) const {
    if (delivery.room.value == 0) {
        for (const auto session : dashboard_) sessions.send(session, delivery.frame);
        return;
    }
    const auto room = rooms_.find(delivery.room);
    if (room == rooms_.end()) return;
    for (const auto& member : room->second) {
        if (member.session == delivery.except) continue;
        if (!visible(delivery.visible, delivery.author, member.viewer)) continue;
        sessions.send(member.session, delivery.frame);
    }
}

}  // namespace parley
