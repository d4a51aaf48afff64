#pragma once

#include <parley/engineio/frame.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// The encoding of packets in the body of a long-polling request or response.
namespace parley::engineio {

inline constexpr char kPacketSeparator = '\x1e';
inline constexpr std::string_view kPollContentType = "text/plain; charset=UTF-8";

/// Bytes `frame` takes in a polling response, without a separator.
std::size_t payloadBytes(const Frame& frame);

/// Appends `frame` to a polling response, after a separator when it is not the first: text as it
/// is, binary as 'b' and base64.
void appendToPayload(std::string& body, const Frame& frame);

/// Appends a close packet.
void appendClose(std::string& body);
/// Appends a noop packet, which answers a poll when there is nothing to deliver.
void appendNoop(std::string& body);

/// The bytes of a base64 text with its padding; nothing when it is not base64.
std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace parley::engineio
