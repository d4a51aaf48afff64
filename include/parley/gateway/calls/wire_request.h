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
/// The request of this name; nothing where there is none. Any thread.
std::optional<WireRequest> parseWireRequest(std::string_view name);

}  // namespace parley
