#pragma once

#include <parley/cluster/options.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>

namespace parley::app {

/// Prints how the nodes of a cluster stand, a line each, and the stream: what their marks say
/// within two seconds. Refuses with `unavailable` where no node is heard, and as
/// StreamConnection::open does.
Result<void> printClusterStatus(const ClusterOptions& options, const Clock& clock);

}  // namespace parley::app
