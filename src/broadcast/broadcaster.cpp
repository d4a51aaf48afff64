#include "broadcast/lifecycle/frames.h"
#include "broadcast/membership/frames.h"
#include "broadcast/message/frames.h"
#include "broadcast/typing/frames.h"

#include <parley/broadcast/delivery.h>

#include <variant>

// Each family of events says in its own folder what rooms and dashboards are told. An update that
// no family knows does not compile.
namespace parley {

void ConversationBroadcaster::broadcast(const ProjectionUpdate& update, ConnectionId sender,
                                        std::vector<Delivery>& out) {
    std::visit([&](const auto& one) { frames::toRoom(one, sender, out); }, update);
}

void DashboardBroadcaster::broadcast(const ProjectionUpdate& update, std::vector<Delivery>& out) {
    std::visit([&](const auto& one) { frames::toDashboards(one, out); }, update);
}

void broadcastUpdate(const ProjectionUpdate& update, ConnectionId sender,
                     std::vector<Delivery>& out) {
    DashboardBroadcaster::broadcast(update, out);
    ConversationBroadcaster::broadcast(update, sender, out);
}

}  // namespace parley
