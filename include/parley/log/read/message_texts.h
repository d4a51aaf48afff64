#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <functional>
#include <string_view>

namespace parley {

/// Is given a message and what was written; the text lives until it returns. False: no more.
using TakeMessageText = std::function<bool(Position message, std::string_view content)>;

/// Calls `take` for the messages after `after`, up to `upTo`, in their order; not for those whose
/// content has been emptied. For what the server itself builds, never for a client: it asks no
/// viewer. One read transaction, held while `take` runs. Refuses as Database::query does. The
/// thread of `db`.
Result<void> messageTexts(Database& db, Position after, Position upTo, const TakeMessageText& take);

}  // namespace parley
