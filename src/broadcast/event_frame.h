#pragma once

#include <parley/engineio/frame.h>
#include <parley/socketio/packet.h>

#include <string_view>

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

}  // namespace parley
