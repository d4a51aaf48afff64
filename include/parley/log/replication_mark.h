#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <cstdint>
#include <optional>

namespace parley {

/// How far a node has applied the stream of its cluster, in the table `cluster_state`. It is
/// written in the transaction of what it speaks of, so the two cannot disagree. A value.
struct ReplicationMark {
    std::uint64_t incarnation = 0;  ///< which stream: grows when a lost one is replaced
    std::uint64_t epoch = 0;        ///< the leadership it is under
    std::uint64_t sequence = 0;     ///< of the last message applied
    friend bool operator==(const ReplicationMark&, const ReplicationMark&) = default;
};

/// The mark of the database; nothing where it is not a node's. Refuses as Database::query does.
Result<std::optional<ReplicationMark>> readReplicationMark(Database& db);
/// Writes it. REQUIRES: a transaction is open. Refuses as Database::run does.
Result<void> writeReplicationMark(Database& db, const ReplicationMark& mark);

}  // namespace parley
