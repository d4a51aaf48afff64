#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/core/uuid.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

namespace parley {

/// Where a log ends: what the next event builds on.
struct LogHead {
    Position position;
    UnixMillis at;
    Uuid id;
    Digest hash{};
};

/// Reads it from the table; all 0: the log is empty. REQUIRES: `db` has the log's tables.
Result<LogHead> readHead(Database& db);

}  // namespace parley
