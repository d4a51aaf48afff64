#include <parley/broadcast/delivery.h>

namespace parley {

engineio::FramePtr withoutCursor(const Delivery& delivery) {
    if (delivery.cursorBytes == 0) return delivery.frame;
    const auto packet = delivery.frame->payload();
    engineio::FrameBuilder plain(packet.size());
    plain.out() += packet.substr(0, packet.size() - delivery.cursorBytes - 1);
    plain.out() += ']';
    return plain.finish(delivery.frame->droppable());
}

void broadcastUpdate(const ProjectionUpdate& update, std::uint64_t sender, Cursors cursors,
                     std::vector<Delivery>& out) {
    DashboardBroadcaster::broadcast(update, cursors, out);
    ConversationBroadcaster::broadcast(update, sender, cursors, out);
}

}  // namespace parley
