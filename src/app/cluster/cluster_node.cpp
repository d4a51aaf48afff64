#include "app/cluster/cluster_node.h"

#include "app/cluster/node_folder.h"

#include <parley/core/try.h>

#include <string>

namespace parley::app {
namespace {

// Where no server answers now, the node finds out later, and is not ready until then.
Result<void> checkContinues(StreamConnection& stream, const Replica::Place& place) {
    const auto ends = stream.log().ends();
    if (!ends || !ends->exists || ends->first <= place.mark.sequence + 1) return {};
    return Error{ErrorCode::storage_damaged,
                 "this node has applied message " + std::to_string(place.mark.sequence) +
                     " of the cluster's stream, which begins at " + std::to_string(ends->first) +
                     " by now (cluster.stream-bytes): move the data folder away and let the node "
                     "join from a newer backup of another node"};
}

}  // namespace

Result<ClusterNode> ClusterNode::open(const Settings& settings, const Clock& clock) {
    const auto& folder = settings.engine.dataFolder;
    ClusterNode node;
    node.options_ = settings.cluster;
    PARLEY_TRY_ASSIGN(const auto place, readPlaceFor(folder, settings.cluster.isOn()));
    if (!place) return node;
    node.place_ = *place;
    PARLEY_TRY_ASSIGN(node.options_.node.run.run, countRun(folder, clock));
    PARLEY_TRY_ASSIGN(node.stream_,
                      StreamConnection::open(node.options_, node.place_.mark.incarnation, clock));
    PARLEY_TRY(checkContinues(*node.stream_, node.place_));
    return node;
}

std::optional<ClusterMembership> ClusterNode::membership() const {
    if (!stream_) return std::nullopt;
    return ClusterMembership{options_, stream_->log(), stream_->bus(), place_};
}

}  // namespace parley::app
