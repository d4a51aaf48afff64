#pragma once

#include <parley/core/cursor.h>
#include <parley/core/numbers.h>
#include <parley/domain/visibility.h>
#include <parley/engineio/frame.h>
#include <parley/projection/update.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace parley {

/// One frame and its audience. Encoded once, shared by all loops. Immutable from then on: any
/// thread may read it.
struct Delivery {
    engineio::FramePtr frame;           ///< without the cursor, which `withCursor` adds
    ConversationKey room{};             ///< the conversation whose members get it; 0: dashboards
    ConnectionId except{};              ///< the connection that is left out; 0: none
    bool visible = true;                ///< false: of customers, only the author gets it
    UserKey author{};                   ///< of the message; 0 where it is no message
    std::optional<Cursor> cursor = {};  ///< of the event it tells of; none: no event of the log
    bool presence = false;              ///< to dashboards that are told who is there alone
    std::size_t messageFrom = 0;        ///< where the Message stands in the frame's payload,
    std::size_t messageBytes = 0;       ///< and how long it is; 0: it is no message

    /// The Message's JSON; empty for other events. Lives as long as the frame.
    std::string_view messageJson() const {
        return frame->payload().substr(messageFrom, messageBytes);
    }
};

/// The delivery's frame for clients that were given a pid: its cursor is one more argument, the
/// last. A new frame, or the same one where there is no cursor; droppable as the first one is.
/// Copies the payload, so a caller with many such clients asks once. REQUIRES: the frame of a
/// Socket.IO event (its payload ends with ']'). Any thread.
engineio::FramePtr withCursor(const Delivery& delivery);

/// Turns updates into the events that a conversation's members receive. src/broadcast has a folder
/// for each family of events.
class ConversationBroadcaster {
public:
    /// Appends the frames that `update` causes, if any. `sender`: the connection whose request
    /// caused it, which the wire leaves out of some; 0: none. Also encodes what no member may see:
    /// the audience is in the Delivery, and Rooms applies it. Pure. Any thread.
    static void broadcast(const ProjectionUpdate& update, ConnectionId sender,
                          std::vector<Delivery>& out);
};

/// Turns updates into the light events that dashboards receive: never a message's content.
class DashboardBroadcaster {
public:
    /// Appends the frames that `update` causes, if any: their `room` is 0. Pure. Any thread.
    static void broadcast(const ProjectionUpdate& update, std::vector<Delivery>& out);
};

/// Both, in the order of the wire: dashboards first. The order in which cursors count (Cursor). Any
/// thread.
void broadcastUpdate(const ProjectionUpdate& update, ConnectionId sender,
                     std::vector<Delivery>& out);

}  // namespace parley
