#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/core/uuid.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

#include <optional>

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

/// What the head was when the event at `position` was the last one; nothing where the log has no
/// such event. Likewise.
Result<std::optional<LogHead>> readHeadAt(Database& db, Position position);

}  // namespace parley
