#include <parley/engineio/frame.h>

#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

namespace parley::engineio {
namespace {

constexpr std::size_t kHeaderRoom = 10;  // the longest unmasked header: 2 bytes and a 64-bit length
constexpr std::uint8_t kFinText = 0x81;
constexpr std::uint8_t kFinBinary = 0x82;

// Writes the header so that it ends where the payload begins; returns where it starts.
std::size_t writeHeader(std::string& bytes, std::uint8_t first) {
    const std::uint64_t length = bytes.size() - kHeaderRoom;
    std::size_t lengthBytes = 0;
    std::uint8_t second = static_cast<std::uint8_t>(length);
    if (length > 0xFFFF) {
        lengthBytes = 8;
        second = 127;
    } else if (length > 125) {
        lengthBytes = 2;
        second = 126;
    }
    const std::size_t start = kHeaderRoom - 2 - lengthBytes;
    bytes[start] = static_cast<char>(first);
    bytes[start + 1] = static_cast<char>(second);
    for (std::size_t i = 0; i < lengthBytes; ++i) {
        bytes[kHeaderRoom - 1 - i] = static_cast<char>((length >> (8 * i)) & 0xFF);
    }
    return start;
}

}  // namespace

FrameBuilder::FrameBuilder(std::size_t sizeHint) {
    bytes_.reserve(kHeaderRoom + sizeHint);
    bytes_.resize(kHeaderRoom);
}

std::size_t FrameBuilder::packetBytes() const {
    return bytes_.size() - kHeaderRoom;
}

FramePtr FrameBuilder::finish(bool droppable) {
    return make(false, droppable);
}

FramePtr FrameBuilder::finishBinary() {
    return make(true, false);
}

FramePtr FrameBuilder::make(bool binary, bool droppable) {
    struct Alone {
        std::string bytes;
        Frame frame;
    };
    auto alone = std::make_shared<Alone>();
    Frame& frame = alone->frame;
    frame.start_ = writeHeader(bytes_, binary ? kFinBinary : kFinText);
    frame.payload_ = kHeaderRoom;
    frame.end_ = bytes_.size();
    frame.binary_ = binary;
    frame.droppable_ = droppable;
    alone->bytes = std::move(bytes_);
    frame.buffer_ = &alone->bytes;
    return {std::move(alone), &frame};
}

struct FrameRow::Buffer {
    std::string bytes;
    std::vector<Frame> frames;  // reserved once: their addresses stay
};

FrameRow::FrameRow(std::size_t frames, std::size_t bytes) : buffer_(std::make_shared<Buffer>()) {
    buffer_->bytes.reserve(bytes);
    buffer_->frames.reserve(frames);
}

FramePtr FrameRow::add(const Frame& frame) {
    assert(buffer_->frames.size() < buffer_->frames.capacity());
    Frame& added = buffer_->frames.emplace_back(frame);
    added.buffer_ = &buffer_->bytes;
    added.start_ = buffer_->bytes.size();
    added.payload_ = added.start_ + (frame.payload_ - frame.start_);
    buffer_->bytes += frame.webSocket();
    added.end_ = buffer_->bytes.size();
    return {buffer_, &added};
}

FramePtr textFrame(std::string_view packet) {
    FrameBuilder builder(packet.size());
    builder.out() += packet;
    return builder.finish();
}

FramePtr binaryFrame(std::string_view message) {
    FrameBuilder builder(message.size());
    builder.out() += message;
    return builder.finishBinary();
}

}  // namespace parley::engineio
