#pragma once

#include <parley/app/settings.h>
#include <parley/cluster/replica.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>

namespace parley::app {

/// What foundCluster has found or made. A value.
struct Founded {
    Replica::Place place;
    bool hasBegun = false;  ///< the stream; false: another node has, with the same log
};

/// Makes the stream of the settings' cluster, which continues the log of the settings' data folder,
/// and that folder its first node's; an empty database where there is none. What another call, cut
/// short, has begun with the same log, is finished. Refuses with `conflict` where another log has
/// the stream or the folder is a node's, with `busy` where no server of NATS answers, and as
/// Engine::open and StreamConnection::open do.
Result<Founded> foundCluster(const Settings& settings, const Clock& clock);

}  // namespace parley::app
