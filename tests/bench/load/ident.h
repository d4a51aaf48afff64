#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::bench {

/// Which message it is: the generator writes this into each content, so that whoever gets the
/// message back can tell it from every other one, whatever ids the server gives it.
struct Ident {
    std::uint32_t room = 0;
    std::uint32_t sender = 0;  ///< index among the senders of the room
    std::uint32_t number = 0;  ///< counts from 0 per room and sender

    bool operator==(const Ident&) const = default;
};

/// Every content is this long. Only characters that JSON leaves as they are.
inline constexpr std::size_t contentBytes = 128;

/// The whole content of a message: the ident, then filler that depends on it, so that a mixed-up
/// or damaged text does not pass for the right one.
std::string contentOf(const Ident& ident);

/// The first message in `json`, or nothing if there is none or its content is not the one written.
std::optional<Ident> findIdent(std::string_view json);

/// Where the first message's content starts in `json` (behind the quote), or npos.
std::size_t findContent(std::string_view json, std::size_t from = 0);

/// The number behind `key` (written with quotes and colon, e.g. `"seq":`) in `json`.
std::optional<std::uint64_t> findNumber(std::string_view json, std::string_view key);

/// "message 7 of sender 0 in room 3"
std::string describe(const Ident& ident);

}  // namespace parley::bench
