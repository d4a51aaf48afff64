#include "gateway/readiness.h"

#include <parley/core/limits.h>
#include <parley/core/size_text.h>

#include <algorithm>

namespace parley {
namespace {

ReadyCheck logWritable(const EngineCounters& engine) {
    if (engine.storageFull) {
        return {"log_writable", false,
                "writes are refused because a transaction found no room; reads work"};
    }
    return {"log_writable", true, "the last transaction found room"};
}

// The views are written in the transaction of their events.
ReadyCheck projections(const GatewayState& shared, const EngineCounters& engine) {
    std::string text =
        "the views show the log up to position " + std::to_string(engine.headPosition);
    if (shared.follower) {
        text += "; audit.db is " + std::to_string(shared.follower->lag()) + " events behind";
    }
    return {"projections", true, std::move(text)};
}

ReadyCheck disk(const EngineCounters& engine) {
    const auto free = engine.storageFreeBytes;
    std::string text =
        sizeText(static_cast<std::uint64_t>(std::max<std::int64_t>(free, 0))) + " are free";
    if (free >= limits::kRoomToTryAgainBytes || !engine.storageFull) {
        return {"disk", true, std::move(text)};
    }
    return {"disk", false, text + ": free some space, or move the data folder to a larger disk"};
}

ReadyCheck draining(const GatewayState& shared) {
    if (shared.draining.load(std::memory_order_relaxed)) {
        return {"draining", false, "the server is stopping: it finishes what was asked"};
    }
    return {"draining", true, "the server is not stopping"};
}

std::optional<ClusterFault> faultOf(const NodeState& state, std::chrono::milliseconds readyLag) {
    if (!state.split.empty()) {
        return ClusterFault{"split", state.split +
                                         ": this node applies nothing any more. Let it join anew "
                                         "from a backup of another node"};
    }
    if (!state.misconfigured.empty()) return ClusterFault{"misconfigured", state.misconfigured};
    if (state.incarnationHeard > state.applied.incarnation) {
        return ClusterFault{"no_stream",
                            "the other nodes follow a newer stream than this one: run `parley "
                            "cluster reseed` here, or let the node join anew"};
    }
    if (state.streamLost) {
        return ClusterFault{"no_stream",
                            "the stream is gone, or has lost its end: writes wait, reads work. "
                            "docs/cluster.md says what to do"};
    }
    if (!state.connected) {
        return ClusterFault{"no_stream", "no server of cluster.nats can be reached"};
    }
    if (state.leader.empty() || (state.leads && !state.hearsMajority)) {
        return ClusterFault{"no_leader",
                            "no node leads that a majority of cluster.voters hears: "
                            "writes wait, reads work"};
    }
    const bool isBehind = state.applied.sequence < state.newest;
    if (isBehind && (!state.hasCaughtUp || state.behindFor > readyLag)) {
        return ClusterFault{
            "behind", "this node has message " + std::to_string(state.applied.sequence) + " of " +
                          std::to_string(state.newest) + " of the stream, and is behind for " +
                          std::to_string(state.behindFor.count()) + " ms"};
    }
    if (state.tokensDiffer) {
        return ClusterFault{"keys_differ",
                            "this node checks tokens by other keys, revocations or auth.* settings "
                            "than node " +
                                state.leader +
                                ", which leads: copy the files of auth.keys and auth.revoked, "
                                "then reload"};
    }
    return std::nullopt;
}

ReadyCheck cluster(const GatewayState& shared) {
    const auto state = shared.node->state();
    if (auto fault = faultOf(state, shared.readyLag)) {
        return {"cluster", false, std::move(fault->text)};
    }
    std::string text =
        state.leads ? "this node leads" : "node " + state.leader + " leads, and this one follows";
    if (!state.differing.empty()) {
        text += "; the log of node " + state.differing + " is another one: let that node join anew";
    }
    return {"cluster", true, std::move(text)};
}

}  // namespace

std::optional<ClusterFault> clusterFault(const GatewayState& shared) {
    if (!shared.node) return std::nullopt;
    return faultOf(shared.node->state(), shared.readyLag);
}

std::vector<ReadyCheck> readyChecks(const GatewayState& shared) {
    const EngineCounters engine = shared.engine->counters();
    std::vector<ReadyCheck> checks{logWritable(engine), projections(shared, engine), disk(engine),
                                   draining(shared)};
    if (shared.node) checks.push_back(cluster(shared));
    return checks;
}

}  // namespace parley
