#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace parley {

/// The requests that clients emit (docs/wire.md).
enum class WireRequest : std::uint8_t {
    joinRoom,
    leaveRoom,
    sendMessage,
    typingStart,
    typingStop,
    getMessages,
    shareRobotMessage,
    joinDashboard,
    leaveDashboard,
};

/// "join_room" ...
std::string_view wireRequestName(WireRequest request);
std::optional<WireRequest> parseWireRequest(std::string_view name);

/// Whether the request, when no ack was asked for, is answered by an event of its own name.
bool repliesByEvent(WireRequest request);

}  // namespace parley
