#pragma once

#include <parley/engineio/close_code.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// WebSocket frames on the wire: the checks of RFC 6455 that POCO's codec does not make.
namespace parley::net {

namespace opcode {
inline constexpr std::uint8_t continuation = 0x0;
inline constexpr std::uint8_t text = 0x1;
inline constexpr std::uint8_t binary = 0x2;
inline constexpr std::uint8_t close = 0x8;
inline constexpr std::uint8_t ping = 0x9;
inline constexpr std::uint8_t pong = 0xA;
}  // namespace opcode

/// A frame's first bytes, decoded.
struct FrameHead {
    std::uint8_t op = 0;
    bool fin = false;
    bool control = false;
    std::size_t headBytes = 0;  ///< with the mask
    std::uint64_t payloadBytes = 0;
    std::uint8_t mask[4] = {};
};

/// The result of reading a client's frame head.
struct FrameHeadResult {
    bool complete = false;    ///< false and no error: more bytes are needed
    std::uint16_t error = 0;  ///< the close code that the connection fails with; 0: none
    FrameHead head;
};

/// Reads and checks the head of a client's frame: masked, no reserved bits or opcodes, control
/// frames short and whole. Fails with the first byte that is wrong.
FrameHeadResult readFrameHead(std::string_view bytes);

/// Whether a client may send `code` in a close frame.
bool isValidCloseCode(std::uint16_t code);

/// POCO's codec over memory. One for all connections of a loop: each call hands it exactly one
/// whole frame, and it keeps nothing between calls.
class FrameCodec {
public:
    FrameCodec();
    ~FrameCodec();
    FrameCodec(const FrameCodec&) = delete;
    FrameCodec& operator=(const FrameCodec&) = delete;

    /// Unmasks the payload of one whole frame. The view lives until the next call. Nothing
    /// when POCO refuses the frame.
    std::optional<std::string_view> decode(std::string_view frame, std::size_t payloadBytes);
    /// One unmasked server frame.
    std::string encode(std::uint8_t op, std::string_view payload);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The value of Sec-WebSocket-Accept, computed by POCO. Nothing when `key` is not 16 bytes in
/// Base64.
std::optional<std::string> webSocketAccept(const std::string& key);

}  // namespace parley::net
