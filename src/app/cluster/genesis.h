#pragma once

#include "app/cluster/stream_connection.h"

#include <parley/app/settings.h>
#include <parley/cluster/batch_message.h>
#include <parley/core/result.h>
#include <parley/log/log_head.h>
#include <parley/log/replication_mark.h>

#include <cstdint>
#include <optional>

namespace parley::app {

/// Where a log is once it has the first message of a stream, which says where the log begins that
/// the stream continues.
constexpr ReplicationMark genesisOf(std::uint64_t incarnation) {
    return {incarnation, 0, 1};
}

/// Makes the stream of an incarnation, whose first message says that it continues the log that ends
/// at `head`. What an earlier call, cut short, has begun with the same log, is finished. Refuses
/// with `conflict` where the stream continues another log, and with `busy` where the servers of
/// NATS do not answer within some seconds. REQUIRES: `stream` is that incarnation's.
Result<void> beginStream(StreamConnection& stream, std::uint64_t incarnation, const LogHead& head,
                         const Settings& settings);

/// The stream's first message; nothing where there is no stream, or it is empty. Refuses as
/// ReplicatedLog::ends and read.
Result<std::optional<BatchMessage>> readGenesis(ReplicatedLog& log);

/// Whether the stream that begins so continues a log that ends at `head`.
bool continues(const BatchMessage& genesis, const LogHead& head);

/// Makes it the place of the log in `db`. Refuses as Database::begin, run and commit.
Result<void> writeGenesis(Database& db, std::uint64_t incarnation);

}  // namespace parley::app
