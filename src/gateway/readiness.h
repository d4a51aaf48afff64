#pragma once

#include "gateway/gateway_state.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// One thing that the server needs to be ready.
struct ReadyCheck {
    /// For programs: "log_writable", "projections", "disk", "draining"; of a node: "cluster".
    std::string_view name;
    bool ok = true;
    std::string text;  ///< how it stands, for people; may name figures, but no ids
};

/// Why a node cannot serve as it should, though its storage is good: for programs, and for people.
/// A value.
struct ClusterFault {
    /// "split", "misconfigured", "no_stream", "no_leader", "behind", "keys_differ"
    std::string_view name;
    std::string text;
};
/// The worst one; nothing where all is well, and on a single node. Any thread.
std::optional<ClusterFault> clusterFault(const GatewayState& shared);

/// All of them, in a fixed order, the good ones too. The server is ready where all are ok. Any
/// thread.
std::vector<ReadyCheck> readyChecks(const GatewayState& shared);

}  // namespace parley
