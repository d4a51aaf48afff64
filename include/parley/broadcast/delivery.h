#pragma once

#include <parley/core/cursor.h>
#include <parley/domain/visibility.h>
#include <parley/engineio/frame.h>
#include <parley/projection/update.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace parley {

/// One frame and whom it is for. Encoded once, shared by all loops.
struct Delivery {
    engineio::FramePtr frame;      ///< without the cursor: `withCursor` adds it
    ConversationKey room;          ///< members of this conversation; 0: the dashboard's
    std::uint64_t except = 0;      ///< a connection that is left out; 0: none
    bool visible = true;           ///< false: customers get it only when they wrote it
    UserKey author;                ///< who wrote it, where `visible` is false
    std::optional<Cursor> cursor;  ///< of the event it tells of; none: no event of the log
    std::size_t messageFrom = 0;   ///< where the Message stands in the frame's payload,
    std::size_t messageBytes = 0;  ///< if it is a message's

    /// The Message's JSON; empty for other events. Lives as long as the frame.
    std::string_view messageJson() const {
        return frame->payload().substr(messageFrom, messageBytes);
    }
};

/// The delivery's frame as clients get it that were given a pid: with its cursor as an argument of
/// its own, the last. A new frame, unless it has no cursor. REQUIRES: an event's frame.
engineio::FramePtr withCursor(const Delivery& delivery);

/// Turns updates into the events that a conversation's members receive.
class ConversationBroadcaster {
public:
    /// Appends what `update` gives. `sender`: the connection that caused it. Any thread.
    static void broadcast(const ProjectionUpdate& update, std::uint64_t sender,
                          std::vector<Delivery>& out);
};

/// Turns updates into the light events that dashboards receive: never a message's content.
class DashboardBroadcaster {
public:
    static void broadcast(const ProjectionUpdate& update, std::vector<Delivery>& out);
};

/// Both, in the order of the wire: the dashboards first.
void broadcastUpdate(const ProjectionUpdate& update, std::uint64_t sender,
                     std::vector<Delivery>& out);

}  // namespace parley
