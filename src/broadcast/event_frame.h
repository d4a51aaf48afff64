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

/// The same for what is in the log: ends with `cursor`, where there is one, as an argument.
/// `delivery` gets the frame.
inline void finishDurable(engineio::FrameBuilder& frame, const std::optional<Cursor>& cursor,
                          Delivery& delivery) {
    if (cursor) {
        const auto before = frame.out().size();
        frame.out() += ",\"";
        appendCursor(frame.out(), *cursor);
        frame.out() += '"';
        delivery.cursorBytes = frame.out().size() - before;
    }
    delivery.frame = finishEvent(frame);
}

}  // namespace parley
