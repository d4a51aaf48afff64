#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace parley::engineio {

/// One Engine.IO packet, encoded once for all its receivers: server frames are not masked
/// (RFC 6455, 5.1), so the same bytes go to every WebSocket, and a polling response takes the
/// payload alone. Immutable, and shared between loops: any thread may read it. The views live as
/// long as the frame.
class Frame {
public:
    /// The bytes for a WebSocket: frame header and payload, never empty.
    std::string_view webSocket() const {
        return std::string_view(*buffer_).substr(start_, end_ - start_);
    }
    /// The packet itself: `4...` for text; the raw message for binary, which has no type digit.
    std::string_view payload() const {
        return std::string_view(*buffer_).substr(payload_, end_ - payload_);
    }
    /// Whether the payload is a binary message. Polling sends it as `b` and base64.
    bool binary() const { return binary_; }
    /// Whether a slow receiver may lose the frame (typing). Never set on what is in the log.
    bool droppable() const { return droppable_; }

private:
    friend class FrameBuilder;
    friend class FrameRow;
    const std::string* buffer_ = nullptr;  // lives as long as the frame's FramePtr
    std::size_t start_ = 0;
    std::size_t payload_ = 0;
    std::size_t end_ = 0;
    bool binary_ = false;
    bool droppable_ = false;
};

/// Keeps a frame and the buffer that its bytes stand in. Never null where it is handed over.
using FramePtr = std::shared_ptr<const Frame>;

/// Builds a frame in its final buffer: append the packet to `out()`, then finish once. One thread.
/// A builder makes one frame and is of no use after that.
class FrameBuilder {
public:
    /// `sizeHint`: about how many bytes the packet will have, so that one allocation is enough.
    explicit FrameBuilder(std::size_t sizeHint = 256);
    /// The buffer to append the packet to. It begins with room for the frame header, which must
    /// stay: neither clear nor shorten it. The reference lives until the frame is finished.
    std::string& out() { return bytes_; }
    /// Bytes of the packet so far, without the header.
    std::size_t packetBytes() const;
    /// Makes a text packet. What was appended begins with its type digit (`4` for a message) and
    /// must be UTF-8, which is not checked here.
    FramePtr finish(bool droppable = false);
    /// Makes a binary message. What was appended is the message, without any prefix.
    FramePtr finishBinary();

private:
    FramePtr make(bool binary, bool droppable);
    std::string bytes_;
};

/// Frames for the same receivers, laid out one behind the other in one buffer. An outbox that gets
/// one after the other sends them as one piece. One thread until the last frame is added; after
/// that the frames are as any others. Each of them keeps the whole buffer alive.
class FrameRow {
public:
    /// REQUIRES of later `add`s: at most `frames` of them, whose WebSocket bytes are at most
    /// `bytes` in all. The buffer does not grow: that would move the frames handed out before.
    FrameRow(std::size_t frames, std::size_t bytes);
    /// Appends a copy of `frame`, droppable or binary as that is, and returns it.
    FramePtr add(const Frame& frame);

private:
    struct Buffer;
    std::shared_ptr<Buffer> buffer_;
};

/// A text packet from its whole text, type digit first. Copies it.
FramePtr textFrame(std::string_view packet);
/// A binary message from its bytes. Copies them.
FramePtr binaryFrame(std::string_view message);

}  // namespace parley::engineio
