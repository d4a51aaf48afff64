#pragma once

#include <cstdint>

/// The close codes of a WebSocket that this server sends (RFC 6455, 7.4.1).
namespace parley::close_code {

inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t goingAway = 1001;      ///< the server stops
inline constexpr std::uint16_t protocolError = 1002;  ///< of WebSocket, or of Engine.IO
inline constexpr std::uint16_t badText = 1007;        ///< text that is not UTF-8
inline constexpr std::uint16_t policy = 1008;         ///< too slow, silent, or one too many
inline constexpr std::uint16_t tooBig = 1009;

}  // namespace parley::close_code
