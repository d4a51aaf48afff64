#pragma once

#include "app/cluster/stream_connection.h"

#include <parley/app/settings.h>
#include <parley/cluster/batch_message.h>
#include <parley/cluster/replica.h>
#include <parley/core/result.h>
#include <parley/log/replication_mark.h>

#include <cstdint>
#include <optional>
#include <string>

namespace parley::app {

/// Where a log is once it has the first message of a stream, which says where the log begins that
/// the stream continues.
constexpr ReplicationMark genesisOf(std::uint64_t incarnation) {
    return {incarnation, 0, 1};
}

/// The first message of a stream.
struct Genesis {
    BatchMessage message;
    std::string id;  ///< names its writer, and where in an older stream the log was
};

/// Makes the stream of an incarnation, whose first message says that it continues the log that ends
/// at `place`. `place.mark`: where in the stream before it; all 0 where there was none. Returns
/// whether this node has begun it, now or in a call that was cut short; false: another node with
/// the same log did. Refuses with `conflict` where the stream continues another log, and with
/// `busy` where the servers of NATS do not answer within some seconds. REQUIRES: `stream` is that
/// incarnation's.
Result<bool> beginStream(StreamConnection& stream, std::uint64_t incarnation,
                         const Replica::Place& place, const Settings& settings);

/// The stream's first message; nothing where there is no stream, or it is empty. Refuses as
/// ReplicatedLog::ends and read.
Result<std::optional<Genesis>> readGenesis(ReplicatedLog& log);

/// Whether the stream that begins so continues the log of a node that is at `place`: the same log,
/// and the same place in the stream before it, so that sessions are the same, too.
bool continues(const Genesis& genesis, const Replica::Place& place);

/// Makes it the place of the log in `db`. Refuses as Database::begin, run and commit.
Result<void> writeGenesis(Database& db, std::uint64_t incarnation);

}  // namespace parley::app
