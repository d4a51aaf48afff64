#pragma once

#include <cstdint>

/// The close codes of a WebSocket that this server sends (RFC 6455, 7.4.1). `engineio` chooses
/// them for sessions, `net` for bytes that are no WebSocket. Clients may send others.
namespace parley::close_code {

inline constexpr std::uint16_t normal = 1000;         ///< either side left, or a probe timed out
inline constexpr std::uint16_t goingAway = 1001;      ///< the server stops; clients may reconnect
inline constexpr std::uint16_t protocolError = 1002;  ///< of WebSocket, or of Engine.IO
inline constexpr std::uint16_t badText = 1007;        ///< text that is not UTF-8
inline constexpr std::uint16_t policy = 1008;         ///< a slow or silent client, one that asks
                                                      ///< too often, or a WebSocket too many
inline constexpr std::uint16_t tooBig = 1009;         ///< a message above Options::maxPayloadBytes

}  // namespace parley::close_code
