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
    std::string_view webSocket() const { return std::string_view(bytes_).substr(start_); }
    /// The packet itself: `4...` for text; the raw message for binary, which has no type digit.
    std::string_view payload() const { return std::string_view(bytes_).substr(payload_); }
    bool binary() const { return binary_; }
    /// May be thrown away first when its receiver is slow (typing); never set on what is in a log.
    bool droppable() const { return droppable_; }

private:
    friend class FrameBuilder;
    std::string bytes_;
    std::size_t start_ = 0;
    std::size_t payload_ = 0;
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
    /// A text packet; what was appended begins with its type digit ("4" for a message).
    FramePtr finish(bool droppable = false);
    /// A binary message; what was appended is the message without any prefix.
    FramePtr finishBinary();

private:
    FramePtr make(bool binary, bool droppable);
    std::string bytes_;
};

/// A text packet from its whole text, type digit first.
FramePtr textFrame(std::string_view packet);
/// A binary message from its bytes.
FramePtr binaryFrame(std::string_view message);

}  // namespace parley::engineio
