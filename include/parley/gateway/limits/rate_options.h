#pragma once

#include <parley/core/rate.h>

#include <cstddef>

namespace parley {

/// The settings rate.* and io.connections-per-user. Without meaning while auth.mode is none.
struct RateOptions {
    // A connection's.
    Rate messages{20, 100};
    Rate typing{5, 20};
    Rate reads{20, 60};
    Rate joins{20, 200};
    // A user's, over all connections and REST.
    Rate userMessages{60, 300};
    Rate userReads{60, 200};
    Rate userRest{50, 200};
    // A client address's.
    Rate connects{50, 500};
    Rate authFailures{1, 10};

    std::size_t connectionsPerUserMax = 50;  ///< 0: no limit
};

}  // namespace parley
