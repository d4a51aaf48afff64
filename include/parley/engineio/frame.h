#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace parley::engineio {

/// One Engine.IO packet, encoded once for all its receivers: server frames are not masked
/// (RFC 6455, 5.1), so the same bytes go to every WebSocket, and a polling response takes the
/// payload alone. Immutable, shared between loops.
class Frame {
public:
    /// What a WebSocket is sent: frame header and payload.
    std::string_view webSocket() const {
        return std::string_view(*buffer_).substr(start_, end_ - start_);
    }
    /// The packet itself: `4...` for text; the raw message for binary, which has no type digit.
    std::string_view payload() const {
        return std::string_view(*buffer_).substr(payload_, end_ - payload_);
    }
    bool binary() const { return binary_; }
    /// May be thrown away first when its receiver is slow (typing); never set on what is in a log.
    bool droppable() const { return droppable_; }

private:
    friend class FrameBuilder;
    friend class FrameRow;
    const std::string* buffer_ = nullptr;  // kept by whoever keeps the frame
    std::size_t start_ = 0;
    std::size_t payload_ = 0;
    std::size_t end_ = 0;
    bool binary_ = false;
    bool droppable_ = false;
};

using FramePtr = std::shared_ptr<const Frame>;

/// Builds a frame in its final buffer: append the packet to `out()`, then `finish()` once.
/// `out()` already holds room for the frame header: only append to it.
class FrameBuilder {
public:
    /// `sizeHint`: bytes the packet will have about, to allocate once.
    explicit FrameBuilder(std::size_t sizeHint = 256);
    std::string& out() { return bytes_; }
    /// Bytes of the packet so far.
    std::size_t packetBytes() const;
    /// A text packet; what was appended begins with its type digit ("4" for a message).
    FramePtr finish(bool droppable = false);
    /// A binary message; what was appended is the message without any prefix.
    FramePtr finishBinary();

private:
    FramePtr make(bool binary, bool droppable);
    std::string bytes_;
};

/// Frames for the same receivers, laid out one behind the other in one buffer that all of them
/// keep: an outbox that is given one after the other sends both as one piece. One thread, until
/// the last is added.
class FrameRow {
public:
    /// Room for `frames` frames of `bytes` bytes in all; no more may be added.
    FrameRow(std::size_t frames, std::size_t bytes);
    /// A copy of `frame` at the row's end.
    FramePtr add(const Frame& frame);

private:
    struct Buffer;
    std::shared_ptr<Buffer> buffer_;
};

/// A text packet from its whole text, type digit first.
FramePtr textFrame(std::string_view packet);
/// A binary message from its bytes.
FramePtr binaryFrame(std::string_view message);

}  // namespace parley::engineio
