#pragma once

#include <parley/domain/command.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/gateway/calls/wire_request.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace parley {

/// A request of one of the kinds that make up nearly all traffic, read from its packet in one pass.
/// Owns what it holds.
struct QuickRequest {
    WireRequest request;                         ///< which of the four that are read here
    std::optional<std::uint64_t> ackId;          ///< nothing: the client asked for no ack
    std::variant<Command, HistoryRequest> body;  ///< a HistoryRequest for get_messages
};

/// How a packet begins: `2ID["send_message",`.
struct QuickHead {
    WireRequest request;
    std::optional<std::uint64_t> ackId;  ///< nothing: the client asks for no ack
    std::string_view rest;               ///< what follows; a view of the packet
};

/// Reads the beginning of a packet of the namespace "/", up to the body of the request. Nothing
/// where it is written in an unusual way, or its name is none of a request's. Pure; any thread.
std::optional<QuickHead> readQuickHead(std::string_view packet);

/// Reads a Socket.IO packet of the namespace "/", `2ID["send_message",{...}]` and the like
/// (send_message, typing_start, typing_stop, get_messages). Nothing where anything is wrong or
/// unusual: the general parser (socketio::decodePacket, request_parser.h) then reads the packet. It
/// gives the same result for what is read here, and says what is wrong. Pure; any thread.
std::optional<QuickRequest> readQuickRequest(std::string_view packet);

}  // namespace parley
