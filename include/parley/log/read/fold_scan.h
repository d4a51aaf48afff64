#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <functional>
#include <optional>
#include <string_view>

namespace parley {

/// Calls `each` for the events after `after`, in order, `limit` at most, with the columns that a
/// fold into the stored views may see, in their type's current version. Returns the position of the
/// last one; `after` where there was none. `each` gets a reference to memory that the next event
/// reuses, and must not write to `db`. Refuses as Database::query does, and with
/// `storage_damaged` an event of a type or a version that this program does not know; the events
/// before it were handed out. One read transaction, held while `each` runs. The database's thread.
Result<Position> scanForFold(Database& db, Position after, int limit,
                             const std::function<void(const FoldableEvent&)>& each);

/// Is given an event and, where it is a message that has not been emptied, what was written, which
/// lives until it returns. False: no more.
using TakeEventAndText =
    std::function<bool(const FoldableEvent& event, std::optional<std::string_view> text)>;

/// The same, with the texts of messages. For what the server itself builds, never for a client: it
/// asks no viewer.
Result<Position> scanWithTexts(Database& db, Position after, int limit,
                               const TakeEventAndText& take);

}  // namespace parley
