#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <cstdint>
#include <optional>

namespace parley {

/// How many conversations there are, and who waits in them.
struct WaitingCustomers {
    std::int64_t active = 0;              ///< conversations, as the dashboard counts them
    std::int64_t waiting = 0;             ///< those whose customer waits for an answer
    std::optional<UnixMillis> longest{};  ///< since when the one waits who waits longest
};

/// As of the log's end. Looks at one row for each conversation that waits. Refuses as
/// Database::query does. The thread of `db`.
Result<WaitingCustomers> readWaitingCustomers(Database& db);

}  // namespace parley
