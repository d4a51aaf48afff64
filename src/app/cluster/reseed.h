#pragma once

#include <parley/app/settings.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/log/log_head.h>

#include <cstdint>
#include <set>
#include <string>

namespace parley::app {

/// What `reseed` has done.
struct Reseeded {
    std::uint64_t incarnation = 0;  ///< of the new stream
    bool hasBegun = false;          ///< this call made it; else another node's did
    LogHead head;                   ///< that it continues
};

/// Replaces the stream of the settings' cluster, which is gone or has lost its end, by a new one
/// that continues the log of the settings' data folder; or, where another node has done so, lets
/// this one follow that. The log stays as it is. To begin a new stream this node must be as far as
/// every node that is heard, and every voter must be heard or be named in `without`.
///
/// Refuses with `conflict` where the stream is whole, where another node is further or has another
/// log, or where the new stream does not continue this log: then the node has to join anew; with
/// `unavailable` where a voter is not heard; with `busy` where no server of NATS answers; and as
/// readPlaceFor and DataFolder::own do. Then nothing is changed.
Result<Reseeded> reseed(const Settings& settings, const std::set<std::string>& without,
                        const Clock& clock);

}  // namespace parley::app
