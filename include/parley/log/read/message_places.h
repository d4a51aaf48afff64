#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <functional>
#include <string>

/// Where the messages of conversations stand in the log, for lists that are sorted by it. Tells
/// numbers only, no content.
namespace parley {

/// A message, or the start of a conversation.
struct MessagePlace {
    ConversationKey conversation;
    Position position;
};
enum class PlaceOrder : std::uint8_t { oldestFirst, newestFirst };

/// Hands `take` the messages and starts after `after`, up to `upTo`, until it says false: no more.
/// Looks at each event between the two. Refuses as Database::query does. The thread of `db`.
Result<void> messagePlaces(Database& db, Position after, Position upTo, PlaceOrder order,
                           const std::function<bool(const MessagePlace&)>& take);

/// For the text of statements: the position of the event `seq` of `conversation`, both SQL
/// expressions; NULL: there is none. One look into the index. Any thread, as the next one.
std::string sqlPositionOf(const std::string& conversation, const std::string& seq);
/// Likewise the number of the conversation whose event stands at `position`.
std::string sqlConversationAt(const std::string& position);

}  // namespace parley
