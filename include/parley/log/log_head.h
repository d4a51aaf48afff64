#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/core/uuid.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

namespace parley {

/// Where a log ends: what the next event builds on.
struct LogHead {
    Position position;  ///< 0: the log is empty
    UnixMillis at;      ///< no later event is dated before it
    Uuid id;            ///< of the last event; the next one is larger
    Digest hash{};      ///< of the last event; the first event's previous one is all zeros
};

/// Reads it from the table; all 0: the log is empty. Sees what an open transaction of `db` has
/// stored. Refuses as Database::run does. REQUIRES: `db` has the log's tables. Its thread.
Result<LogHead> readHead(Database& db);

}  // namespace parley
