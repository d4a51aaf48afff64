#pragma once

#include "gateway/limits/user_seats.h"

#include <parley/core/client_address.h>
#include <parley/core/rate.h>
#include <parley/gateway/calls/wire_request.h>

#include <array>
#include <cstdint>

namespace parley {

/// What limits one connection with auth.mode=jwt. It lives as long as the connection: a client that
/// leaves the namespace and comes back has no more than before. The loop's thread.
struct ClientLimits {
    /// Requests refused with `rate_limited` one after the other, after which the connection is
    /// closed.
    static constexpr std::uint8_t kRefusedInRowMax = 100;

    ClientAddress address{};
    std::array<RateBucket, kRateClassCount> buckets{};
    std::uint8_t refusedInRow = 0;
    bool hasConnected = false;  ///< its first CONNECT has come, which the handshake paid for
    UserSeats::Seat seat{};     ///< while it is in the default namespace
};

}  // namespace parley
