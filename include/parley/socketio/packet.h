#pragma once

#include <parley/core/json.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Socket.IO v5 packets (https://github.com/socketio/socket.io-protocol), bytes in, bytes out.
namespace parley::socketio {

enum class PacketType : std::uint8_t {
    connect = 0,
    disconnect = 1,
    event = 2,
    ack = 3,
    connectError = 4,
    binaryEvent = 5,
    binaryAck = 6,
};

/// One packet as it was read. For binary types `data` still holds its placeholders
/// ({"_placeholder":true,"num":0}) where the attachments belong; each `num` is one of them.
struct Packet {
    PacketType type = PacketType::event;
    int attachments = 0;  ///< binary messages that follow
    std::string nsp = "/";
    std::optional<std::uint64_t> id;  ///< of the ack asked for or given
    Json data;                        ///< null when the packet has none
    std::vector<std::string> binary;  ///< the attachments in order, once all are there
};

/// Bounds of what a client may send.
struct PacketLimits {
    int depthMax = 64;              ///< nesting of arrays and objects
    std::size_t argumentsMax = 64;  ///< elements of an event's or an ack's array
    std::size_t keysMax = 256;      ///< of one object: ordered objects look keys up one by one
    int attachmentsMax = 64;
    std::size_t attachmentBytesMax = 1'000'000;  ///< of one packet's attachments together
    std::size_t namespaceBytesMax = 128;
    std::size_t namespacesMax = 16;  ///< one client may be in, "/" aside
};

/// Reads one text message. Nothing when it is malformed by the protocol: unknown type, bad
/// JSON, payload of the wrong shape for its type, reserved event name, limits passed.
/// Never throws. Any thread.
std::optional<Packet> decodePacket(std::string_view text, const PacketLimits& limits = {});

/// Appends the text before the payload of an Engine.IO message that holds a Socket.IO packet:
/// '4', type, attachments, namespace, id. The caller appends the JSON.
void appendPacketHead(std::string& out, PacketType type, std::string_view nsp,
                      std::optional<std::uint64_t> id = {}, int attachments = 0);

}  // namespace parley::socketio
