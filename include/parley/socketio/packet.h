#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <parley/core/json.h>

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
/// ({"_placeholder":true,"num":0}) until the attachments have arrived.
struct Packet {
    PacketType type = PacketType::event;
    int attachments = 0;                ///< binary messages that follow
    std::string nsp = "/";
    std::optional<std::uint64_t> id;    ///< of the ack asked for or given
    Json data;                          ///< null when the packet has none
    std::vector<std::string> binary;    ///< the attachments in order, once all are there
};

/// Bounds of what a client may send.
struct PacketLimits {
    int depthMax = 64;                  ///< nesting of arrays and objects
    std::size_t argumentsMax = 64;      ///< elements of an event's array
    int attachmentsMax = 64;
    std::size_t namespaceBytesMax = 128;
};

/// Reads one text message. Nothing when it is malformed by the protocol: unknown type, bad
/// JSON, payload of the wrong shape for its type, reserved event name, limits passed.
std::optional<Packet> decodePacket(std::string_view text, const PacketLimits& limits = {});

/// Appends the text before the payload of an Engine.IO message that holds a Socket.IO packet:
/// '4', type, attachments, namespace, id. The caller appends the JSON.
void appendPacketHead(std::string& out, PacketType type, std::string_view nsp,
                      std::optional<std::uint64_t> id = {}, int attachments = 0);

}  // namespace parley::socketio
