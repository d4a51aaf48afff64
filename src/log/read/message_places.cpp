#include <parley/domain/event_type.h>
#include <parley/log/execute.h>
#include <parley/log/read/message_places.h>
#include <parley/log/sql_lists.h>

namespace parley {
namespace {

std::string select(PlaceOrder order) {
    const auto start = static_cast<int>(EventType::conversationStarted);
    return "SELECT position, conversation FROM event WHERE position > ? AND position <= ?"
           " AND (type = " +
           std::to_string(start) + " OR type IN " + sqlTypes(EventKind::message) +
           ") ORDER BY position" + (order == PlaceOrder::newestFirst ? " DESC" : "");
}

}  // namespace

Result<void> messagePlaces(Database& db, Position after, Position upTo, PlaceOrder order,
                           const std::function<bool(const MessagePlace&)>& take) {
    return db.query([&]() -> Result<void> {
        SQLite::Statement row(db.sqlite(), select(order));
        bindNumbers(row, after.value, upTo.value);
        while (row.executeStep()) {
            if (!take({{row.getColumn(1).getInt64()}, {row.getColumn(0).getInt64()}})) break;
        }
        return {};
    });
}

std::string sqlPositionOf(const std::string& conversation, const std::string& seq) {
    return "(SELECT position FROM event WHERE conversation = " + conversation +
           " AND seq = " + seq + ")";
}

std::string sqlConversationAt(const std::string& position) {
    return "(SELECT conversation FROM event WHERE position = " + position + ")";
}

}  // namespace parley
