#pragma once

#include "app/cluster/stream_connection.h"

#include <parley/app/settings.h>
#include <parley/cluster/options.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>

#include <memory>
#include <optional>

namespace parley::app {

/// What a server of a cluster has beside its gateway, which it must outlive. Of a single server:
/// nothing.
class ClusterNode {
public:
    /// Checks that the data folder is a node's exactly where cluster.name is said, counts the start
    /// and connects. Refuses as readPlaceFor, countRun and StreamConnection::open do, and with
    /// `storage_damaged` where the stream does not have what follows on this node's log any more.
    static Result<ClusterNode> open(const Settings& settings, const Clock& clock);

    /// For Gateway::open.
    std::optional<ClusterMembership> membership() const;

private:
    ClusterOptions options_;
    Replica::Place place_;
    std::unique_ptr<StreamConnection> stream_;  // null: a single server
};

}  // namespace parley::app
