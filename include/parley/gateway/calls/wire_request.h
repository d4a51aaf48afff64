#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace parley {

/// The requests that clients emit (docs/wire.md), in the order of domain/requests.def. The numbers
/// are of this build alone: never stored or sent.
enum class WireRequest : std::uint8_t {
#define COMMAND(constant, name, command, answer, rest) constant,
#define QUERY(constant, name, query, answer, rest) constant,
#include <parley/domain/requests.def>
};

/// A row of domain/requests.def. The views point to static storage.
struct WireRequestInfo {
    std::string_view name;       ///< of the Socket.IO event: "join_room"
    bool answersWithEvent;       ///< without an ack: an event of the request's own name
    std::string_view restRoute;  ///< "POST /chat/messages"; empty: REST has no twin
    bool isCommand;              ///< the writer decides on it; else a query
};

/// All of them; the index is the WireRequest. Static. Any thread.
std::span<const WireRequestInfo> wireRequests();

/// The row of `request`. Any thread.
inline const WireRequestInfo& info(WireRequest request) {
    return wireRequests()[static_cast<std::size_t>(request)];
}
/// "join_room". Static. Any thread.
inline std::string_view wireRequestName(WireRequest request) {
    return info(request).name;
}
/// Requests that count together against a rate (docs/limits.md).
enum class RateClass : std::uint8_t {
    messages,
    typing,
    reads,
    joins,  ///< and all else that changes what a connection receives, or whose it is
};
inline constexpr std::size_t kRateClassCount = 4;

/// A request counts in one class. Events that are none of these count as messages. Any thread.
constexpr RateClass rateClassOf(WireRequest request) {
    switch (request) {
        case WireRequest::sendMessage:
        case WireRequest::shareRobotMessage: return RateClass::messages;
        case WireRequest::typingStart:
        case WireRequest::typingStop: return RateClass::typing;
        case WireRequest::getMessages: return RateClass::reads;
        case WireRequest::joinRoom:
        case WireRequest::leaveRoom:
        case WireRequest::watchRoom:
        case WireRequest::unwatchRoom:
        case WireRequest::joinDashboard:
        case WireRequest::leaveDashboard:
        case WireRequest::joinLog:
        case WireRequest::leaveLog:
        case WireRequest::authenticate: break;
    }
    return RateClass::joins;
}

/// The request of this name; nothing where there is none. Any thread.
std::optional<WireRequest> parseWireRequest(std::string_view name);

}  // namespace parley
