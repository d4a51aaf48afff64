#pragma once

#include <parley/core/fingerprint.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/replication_mark.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

/// What every node tells all others, some times a second and after each commit: how far it has
/// come, and what it sees. docs/format/node-messages.md has the bytes. A value.
struct NodeMark {
    std::uint16_t number = 0;  ///< cluster.number of the node
    std::uint16_t run = 0;     ///< see RunId
    std::string name;          ///< cluster.node
    std::uint64_t voters = 0;  ///< a hash of the list of voters, which must be the same everywhere
    std::uint64_t tokens = 0;  ///< a hash of what tokens are checked by; 0: there are none
    ReplicationMark applied;
    Position position;         ///< of the last event applied
    Fingerprint fingerprint;   ///< of that event; all 0: there is none
    bool elected = false;      ///< the stream made it the leader of `applied.epoch`
    bool leads = false;        ///< and it takes requests
    bool hearsLeader = false;  ///< it has heard one a moment ago
    bool mayLead = true;       ///< false: it leaves, or its disk is full

    friend bool operator==(const NodeMark&, const NodeMark&) = default;
};

/// Any thread.
std::string encode(const NodeMark& mark);
/// Refuses with `invalid_value` bytes that are no mark. Never throws. Any thread.
Result<NodeMark> decodeMark(std::string_view bytes);

}  // namespace parley
