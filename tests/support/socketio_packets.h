#pragma once

#include <parley/socketio/packet.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The text of the events and acks that a server sends. `arguments` is the text of a JSON array;
/// `attachments` binary messages follow the packet.
namespace parley::socketio {

inline std::string eventPacket(std::string_view nsp, std::string_view arguments,
                               std::size_t attachments = 0) {
    std::string packet;
    appendPacketHead(packet, attachments == 0 ? PacketType::event : PacketType::binaryEvent, nsp,
                     {}, static_cast<int>(attachments));
    return packet.append(arguments);
}

inline std::string ackPacket(std::string_view nsp, std::uint64_t id, std::string_view arguments,
                             std::size_t attachments = 0) {
    std::string packet;
    appendPacketHead(packet, attachments == 0 ? PacketType::ack : PacketType::binaryAck, nsp, id,
                     static_cast<int>(attachments));
    return packet.append(arguments);
}

}  // namespace parley::socketio
