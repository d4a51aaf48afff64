#pragma once

#include <parley/core/json_writer.h>
#include <parley/engineio/frame.h>
#include <parley/socketio/packet.h>

#include <cstddef>
#include <string_view>

namespace parley {

/// A server event while it is encoded: `42["name",BODY]`. The body is written in place, into the
/// buffer that all receivers will share. One thread.
class EventFrame {
public:
    /// `sizeHint`: about how many bytes the frame will have, to allocate once.
    EventFrame(std::string_view name, std::size_t sizeHint)
        : frame_(sizeHint), body_(frame_.out()) {
        socketio::appendPacketHead(frame_.out(), socketio::PacketType::event, "/");
        frame_.out() += "[\"";
        frame_.out() += name;
        frame_.out() += "\",";
    }
    EventFrame(const EventFrame&) = delete;
    EventFrame& operator=(const EventFrame&) = delete;

    /// Writes the body, one JSON value.
    JsonWriter& body() { return body_; }
    /// Where the next byte goes, as an offset in the frame's payload.
    std::size_t bytes() const { return frame_.packetBytes(); }
    /// The frame. REQUIRES: the body is complete; called once. `droppable`: as Frame says.
    engineio::FramePtr finish(bool droppable = false) {
        frame_.out() += ']';
        return frame_.finish(droppable);
    }

private:
    engineio::FrameBuilder frame_;
    JsonWriter body_;
};

}  // namespace parley
