#pragma once

#include <optional>
#include <string_view>

#include <parley/broadcast/delivery.h>
#include <parley/core/cursor.h>
#include <parley/engineio/frame.h>
#include <parley/socketio/packet.h>

namespace parley {

/// Starts the frame of a server event: `42["name",` — the caller appends the body and calls
/// `finishEvent`.
inline engineio::FrameBuilder beginEvent(std::string_view name, std::size_t sizeHint) {
    engineio::FrameBuilder frame(sizeHint);
    socketio::appendPacketHead(frame.out(), socketio::PacketType::event, "/");
    frame.out() += "[\"";
    frame.out() += name;
    frame.out() += "\",";
    return frame;
}

inline engineio::FramePtr finishEvent(engineio::FrameBuilder& frame, bool droppable = false) {
    frame.out() += ']';
    return frame.finish(droppable);
}

/// The same, into `delivery`. `cursor`: of the event that the frame tells of, where that is in the
/// log; as its last argument if `cursors` says so.
inline void finishDurable(engineio::FrameBuilder& frame, const std::optional<Cursor>& cursor,
                          Cursors cursors, Delivery& delivery) {
    if (cursor) delivery.position = cursor->dashboard;
    if (cursor && cursors == Cursors::appended) {
        const auto before = frame.out().size();
        frame.out() += ",\"";
        appendCursor(frame.out(), *cursor);
        frame.out() += '"';
        delivery.cursorBytes = frame.out().size() - before;
    }
    delivery.frame = finishEvent(frame);
}

}  // namespace parley
