#include <parley/engineio/frame.h>

#include <cstdint>
#include <utility>

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

FramePtr FrameBuilder::finish(bool droppable) {
    return make(false, droppable);
}

FramePtr FrameBuilder::finishBinary() {
    return make(true, false);
}

FramePtr FrameBuilder::make(bool binary, bool droppable) {
    auto frame = std::make_shared<Frame>();
    frame->start_ = writeHeader(bytes_, binary ? kFinBinary : kFinText);
    frame->payload_ = kHeaderRoom;
    frame->binary_ = binary;
    frame->droppable_ = droppable;
    frame->bytes_ = std::move(bytes_);
    return frame;
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
