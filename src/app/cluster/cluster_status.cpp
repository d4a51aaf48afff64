#include "app/cluster/cluster_status.h"

#include "app/cluster/heard_marks.h"
#include "app/cluster/stream_connection.h"

#include <parley/core/try.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <set>
#include <string>

namespace parley::app {
namespace {

std::string roleOf(const NodeMark& mark, bool isVoter) {
    if (mark.leads) return "leader";
    return isVoter ? "follower" : "reader";
}

}  // namespace

Result<void> printClusterStatus(const ClusterOptions& options, const Clock& clock) {
    auto listener = options;
    listener.node.node += listener.node.node.size() < 60 ? "-ask" : "";
    PARLEY_TRY_ASSIGN(const auto stream, StreamConnection::open(listener, 1, clock));
    const auto found = heardMarks(stream->bus(), options.node.cluster);
    const std::set<std::string> voters(options.node.voters.begin(), options.node.voters.end());
    std::cout << fmt::format("{:<20} {:<9} {:>6} {:>10} {:>12}\n", "node", "role", "epoch",
                             "message", "position");
    for (const auto& [name, mark] : found) {
        std::cout << fmt::format("{:<20} {:<9} {:>6} {:>10} {:>12}\n", name,
                                 roleOf(mark, voters.contains(name)), mark.applied.epoch,
                                 mark.applied.sequence, mark.position.value);
    }
    for (const auto& name : voters) {
        if (!found.contains(name)) std::cout << fmt::format("{:<20} not heard\n", name);
    }
    std::uint64_t incarnation = 1;
    for (const auto& [name, mark] : found) {
        incarnation = std::max(incarnation, mark.applied.incarnation);
    }
    PARLEY_TRY_ASSIGN(const auto newest, StreamConnection::open(listener, incarnation, clock));
    if (const auto ends = newest->log().ends(); ends && ends->exists) {
        std::cout << fmt::format("stream: messages {} to {}, {} bytes on each server\n",
                                 ends->first, ends->last, ends->bytes);
    } else {
        std::cout << (ends ? "stream: there is none\n" : "stream: no server answers\n");
    }
    if (!found.empty()) return {};
    return Error{ErrorCode::unavailable, "no node of the cluster is heard"};
}

}  // namespace parley::app
