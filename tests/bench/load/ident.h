#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::bench {

/// Identifies a message: the generator writes this into each content, so that a receiver can tell
/// the message from every other one, independent of the server's ids.
struct Ident {
    std::uint32_t room = 0;
    std::uint32_t sender = 0;  ///< index among the senders of the room
    std::uint32_t number = 0;  ///< counts from 0 per room and sender

    bool operator==(const Ident&) const = default;
};

/// The length of every content. It has only characters that JSON does not escape.
inline constexpr std::size_t contentBytes = 128;

/// The complete content of a message: the ident, then filler that depends on it, so that a mixed-up
/// or damaged text is noticed.
std::string contentOf(const Ident& ident);

/// The first message in `json`, or nothing if there is none or its content was altered.
std::optional<Ident> findIdent(std::string_view json);

/// The start of the first message's content in `json` (after the quote), or npos.
std::size_t findContent(std::string_view json, std::size_t from = 0);

/// The number after `key` (with quotes and colon, e.g. `"seq":`) in `json`.
std::optional<std::uint64_t> findNumber(std::string_view json, std::string_view key);

/// "message 7 of sender 0 in room 3"
std::string describe(const Ident& ident);

}  // namespace parley::bench
