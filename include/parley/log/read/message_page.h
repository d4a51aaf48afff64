#pragma once

#include <parley/core/ids.h>

#include <cstdint>
#include <optional>

namespace parley {

/// A page of a conversation's messages, as the wire asks for it: the newest `limit`, skipping
/// `offset` of them, before the position `before`; with `after` alone, the first ones after it, so
/// that a client that pages forward leaves no gap. Neither bound is included.
struct MessagePage {
    int limit = 50;
    int offset = 0;
    std::optional<Position> before;
    std::optional<Position> after;

    bool forward() const { return after && !before; }
};

/// Why a page ended.
enum class PageEnd : std::uint8_t {
    reached,  ///< there are no more
    limit,    ///< it has as many as were asked for
    refused,  ///< the next one was not taken
};

}  // namespace parley
