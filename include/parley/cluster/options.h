#pragma once

#include <parley/cluster/message_bus.h>
#include <parley/cluster/node.h>
#include <parley/cluster/replica.h>
#include <parley/cluster/replicated_log.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace parley {

/// What the settings cluster.* say. docs/configuration.md has their ranges.
struct ClusterOptions {
    NodeOptions node{};                ///< all but its run, which each start counts
    std::vector<std::string> servers;  ///< as JetStream::Options
    std::string credentialsFile;       ///< likewise
    std::string caFile;                ///< likewise
    int replicas = 3;                  ///< likewise
    std::uint64_t streamBytes = std::uint64_t{16} << 30U;  ///< likewise
    std::chrono::milliseconds readyLag{2000};  ///< behind for longer, a node is not ready

    /// False: a single node, without anything of a cluster.
    bool isOn() const { return !node.cluster.empty(); }
};

/// What makes a server a node of a cluster. The references outlive it.
struct ClusterMembership {
    ClusterOptions options;  ///< with this start's run
    ReplicatedLog& log;
    MessageBus& bus;
    Replica::Place place;  ///< of the database in the data folder
};

}  // namespace parley
