#include "log/event_row.h"

#include <parley/log/execute.h>
#include <parley/log/read/past_events.h>
#include <parley/log/sql_lists.h>

#include <algorithm>

namespace parley {

PastEvents::PastEvents(Database& db)
    : startContent_(db.sqlite(), "SELECT content FROM event WHERE conversation = ? AND seq = 1"),
      messagesAfter_(db.sqlite(),
                     "SELECT count(*) FROM event WHERE conversation = ? AND seq > ? AND type IN " +
                         sqlTypes(EventKind::message)),
      memberships_(db.sqlite(),
                   "SELECT type, at, role, position FROM event WHERE conversation = ? AND actor = ?"
                   " AND seq <= ? AND type IN " +
                       sqlTypes(EventKind::membership) + " ORDER BY seq DESC") {}

std::optional<std::string> PastEvents::startContent(ConversationKey conversation) {
    const StatementReset guard(startContent_);
    bindNumbers(startContent_, conversation.value);
    if (!startContent_.executeStep()) return std::nullopt;
    const auto content = startContent_.getColumn(0);
    return content.isNull() ? std::nullopt : std::optional(content.getString());
}

std::int64_t PastEvents::messagesAfter(ConversationKey conversation, Seq after) {
    return numberFrom(messagesAfter_, conversation.value, after.value).value_or(0);
}

std::vector<FoldableEvent> PastEvents::joinsOfStay(ConversationKey conversation, UserKey user,
                                                   Seq upTo) {
    const StatementReset guard(memberships_);
    bindNumbers(memberships_, conversation.value, user.value, upTo.value);
    std::vector<FoldableEvent> joins;
    while (memberships_.executeStep()) {
        FoldableEvent membership;
        membership.type = static_cast<EventType>(memberships_.getColumn(0).getInt());
        if (membership.type == EventType::participantLeft) break;
        membership.at = {memberships_.getColumn(1).getInt64()};
        membership.role = event_row::enumColumn<UserRole>(memberships_, 2);
        membership.position = {memberships_.getColumn(3).getInt64()};
        joins.push_back(membership);
    }
    std::reverse(joins.begin(), joins.end());
    return joins;
}

}  // namespace parley
