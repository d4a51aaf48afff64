#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <chrono>
#include <vector>

namespace parley {

/// The typing that the log's end leaves open: begun within `window` before the time of the last
/// event, and not ended. The events that began it, in order. Once at a start; walks back from the
/// end and reads no further than `window`, by the log's times, not the clock's. Refuses as
/// Database::query does. The thread of `db`.
Result<std::vector<Event>> openTyping(Database& db, std::chrono::milliseconds window);

}  // namespace parley
