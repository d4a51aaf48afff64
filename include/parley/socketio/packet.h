#pragma once

#include <parley/core/json.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Socket.IO v5 packets (https://github.com/socketio/socket.io-protocol), bytes in, bytes out. A
/// packet is `TYPE[ATTACHMENTS-][NAMESPACE,][ID][JSON]`, for example `2/chat,17["message",{}]`.
namespace parley::socketio {

/// The protocol's types, with the protocol's numbers.
enum class PacketType : std::uint8_t {
    connect = 0,       ///< a client asks for a namespace, and the server accepts
    disconnect = 1,    ///< either side leaves a namespace
    event = 2,         ///< asks for an ack if it has an id
    ack = 3,           ///< answers the event of the same id
    connectError = 4,  ///< the server refuses a namespace; never from a client
    binaryEvent = 5,   ///< an event with attachments
    binaryAck = 6,     ///< an ack with attachments
};

/// One packet as it was read. For binary types `data` still holds placeholders
/// ({"_placeholder":true,"num":0}) where the attachments belong; each `num` is below `attachments`.
/// Owns everything.
struct Packet {
    PacketType type = PacketType::event;
    int attachments = 0;              ///< binary messages that follow
    std::string nsp = "/";            ///< the namespace, beginning with '/'; UTF-8
    std::optional<std::uint64_t> id;  ///< of the ack asked for or given
    Json data;                        ///< null when the packet has none
    std::vector<std::string> binary;  ///< the attachments in order, once all are there
};

/// Bounds of what a client may send in one packet. All are included in what is allowed.
struct PacketLimits {
    int depthMax = 64;               ///< nesting of arrays and objects
    std::size_t argumentsMax = 64;   ///< elements of an event's or an ack's array
    std::size_t keysMax = 256;       ///< of one object: ordered objects look keys up one by one
    std::size_t valuesMax = 50'000;  ///< of all kinds, in all
    int attachmentsMax = 64;         ///< of one packet
    std::size_t attachmentBytesMax = 1'000'000;  ///< of one packet's attachments together
    std::size_t namespaceBytesMax = 128;
    std::size_t namespacesMax = 16;  ///< one client may be in, "/" aside
    /// While a client is in no namespace, so that a stranger's packets cost next to nothing.
    std::size_t strangerBytesMax = 100'000;
    std::size_t strangerValuesMax = 1'000;
};

/// Reads one text message: a packet without its attachments. Nothing when it is malformed by the
/// protocol: unknown type, bad JSON, payload of the wrong shape for its type, reserved event name
/// ("connect", "disconnect" ...), a placeholder without its attachment, limits passed. An event's
/// `data` is an array that begins with its name, an ack's an array, a CONNECT's null or an object.
/// Never throws. Pure; any thread.
std::optional<Packet> decodePacket(std::string_view text, const PacketLimits& limits = {});

/// Appends the text before the payload of an Engine.IO message that holds a Socket.IO packet:
/// '4', type, `attachments` (for binary types alone), namespace (but "/"), id. The caller appends
/// the JSON, and sends the attachments as binary messages right behind. `nsp` is not checked. Pure;
/// any thread.
void appendPacketHead(std::string& out, PacketType type, std::string_view nsp,
                      std::optional<std::uint64_t> id = {}, int attachments = 0);

}  // namespace parley::socketio
