#include <parley/broadcast/delivery.h>

namespace parley {

engineio::FramePtr withCursor(const Delivery& delivery) {
    if (!delivery.cursor) return delivery.frame;
    constexpr std::size_t kCursorRoom = 40;
    const auto packet = delivery.frame->payload();
    engineio::FrameBuilder longer(packet.size() + kCursorRoom);
    longer.out() += packet.substr(0, packet.size() - 1);
    longer.out() += ",\"";
    appendCursor(longer.out(), *delivery.cursor);
    longer.out() += "\"]";
    return longer.finish(delivery.frame->droppable());
}

}  // namespace parley
