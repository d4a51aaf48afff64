#pragma once

#include <parley/core/ids.h>

#include <cstdint>
#include <optional>

namespace parley {

/// A page of a conversation's messages, as the wire asks for it: the newest `limit`, skipping
/// `offset` of them, before the position `before`; with `after` alone, the first ones after it, so
/// that a client that pages forward leaves no gap. Neither bound is included. Messages that the
/// viewer may not see count for nothing. A value, checked by the parser that made it.
struct MessagePage {
    int limit = 50;  ///< 1 to limits::kHistoryLimitMax
    int offset = 0;  ///< 0 or more; its cost grows with it, a position's does not
    std::optional<Position> before;
    std::optional<Position> after;
    /// Nothing later than this is there for the reader, whatever the other bounds say; nothing:
    /// all.
    std::optional<Position> upTo{};

    /// Whether the page goes from older to newer messages.
    bool forward() const { return after && !before; }
};

/// Why a page ended.
enum class PageEnd : std::uint8_t {
    reached,  ///< there are no more
    limit,    ///< it has as many as were asked for
    refused,  ///< the next one was not taken
};

}  // namespace parley
