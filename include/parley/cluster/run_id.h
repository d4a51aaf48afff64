#pragma once

#include <parley/core/numbers.h>
#include <parley/engine/request.h>

#include <cstdint>
#include <optional>

/// How the nodes of a cluster tell their connections and their requests apart.
namespace parley {

/// One life of one node's process. A value.
struct RunId {
    std::uint16_t node = 0;  ///< cluster.number, 1 to kNodesMax; 0: none
    std::uint16_t run = 0;   ///< grows with each start of the node, and begins anew after 65535
    friend bool operator==(const RunId&, const RunId&) = default;
};
inline constexpr std::uint16_t kNodesMax = 31;
/// Whether `run` of a node came shortly before `known`: what it says is late. Any other run is
/// newer, however the numbers compare: they begin anew, and follow a clock.
inline bool isLateRun(std::uint16_t run, std::uint16_t known) {
    const auto before = static_cast<std::uint16_t>(known - run);
    return before >= 1 && before <= 64;
}

/// A request's number within the run of the node whose client sent it: what nodes write into
/// Origin::replyTo. A value.
struct RequestTag {
    RunId run;
    std::uint64_t number = 0;  ///< from 1

    static RequestTag in(const ReplyTo& replyTo) { return replyTo.as<RequestTag>(); }
};

/// A connection's number in its own process and in the cluster: node (5 bits), run (16), I/O loop
/// (6) and the loop's own number (kConnectionBits). As a number of SQLite's it is positive.
class ClusterConnection {
public:
    /// The number for the cluster of a connection of this process. 0 stays 0.
    static ConnectionId of(RunId run, ConnectionId local);
    /// The process's own number; 0 where the connection is not one of this run.
    static ConnectionId localOf(RunId run, ConnectionId connection);
    /// All numbers of a node's connections, and those of one of its runs.
    static ConnectionId firstOf(std::uint16_t node) { return firstOf(RunId{node, 0}); }
    static ConnectionId lastOf(std::uint16_t node) { return lastOf(RunId{node, 65535}); }
    static ConnectionId firstOf(RunId run);
    static ConnectionId lastOf(RunId run);
};

}  // namespace parley
