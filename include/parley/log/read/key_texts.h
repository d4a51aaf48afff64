#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <functional>
#include <string_view>

namespace parley {

/// Is given a number of the log and the id that has it; the text lives until it returns.
template <typename Key>
using TakeKeyText = std::function<void(Key key, std::string_view id)>;

/// Calls `take` for the ids whose numbers are above `after` and at most `upTo`, in the order of
/// their numbers. The log gives numbers without gaps, to each id when its first event is appended.
/// For what the server itself copies. One read transaction, held while `take` runs. Refuses as
/// Database::query does. The thread of `db`.
Result<void> conversationTexts(Database& db, ConversationKey after, ConversationKey upTo,
                               const TakeKeyText<ConversationKey>& take);
Result<void> userTexts(Database& db, UserKey after, UserKey upTo, const TakeKeyText<UserKey>& take);

}  // namespace parley
