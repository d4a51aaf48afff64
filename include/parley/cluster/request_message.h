#pragma once

#include <parley/core/result.h>
#include <parley/engine/request.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Messages between nodes that are not in the stream: they may be lost, doubled or late.
/// docs/format/node-messages.md has the bytes.
namespace parley {

/// Requests of one node's clients, for the leader. A value.
struct RequestMessage {
    std::uint64_t epoch = 0;  ///< the leadership that they are for
    std::uint64_t node = 0;   ///< cluster.number of the sender
    std::uint64_t run = 0;    ///< the sender's, see RunId
    std::uint64_t base = 0;   ///< every number before it is settled
    std::uint64_t first = 0;  ///< of the first of the requests, which are numbered without gaps
    std::vector<Request> requests;  ///< without their addresses (Origin::replyTo)
};

/// What fits into a message between nodes (NATS: max_payload is 1 MiB unless set).
inline constexpr std::size_t kForwardedBytesMax = 900 * 1024;

/// The bytes of one request. Any thread.
std::string encode(const Request& request);
/// Of several that were encoded, one behind the other in `requests`. Any thread.
std::string encode(const RequestMessage& head, std::size_t count, std::string_view requests);
/// Refuses with `invalid_value` bytes that are no message. Never throws. Any thread.
Result<RequestMessage> decodeRequests(std::string_view bytes);

}  // namespace parley
