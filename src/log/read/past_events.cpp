#include "log/event_row.h"

#include <parley/domain/answer.h>
#include <parley/log/execute.h>
#include <parley/log/read/past_events.h>
#include <parley/log/sql_lists.h>

#include <algorithm>
#include <unordered_set>

namespace parley {

PastEvents::PastEvents(Database& db)
    : startContent_(db.sqlite(), "SELECT content FROM event WHERE conversation = ? AND seq = 1"),
      messagesAfter_(db.sqlite(),
                     "SELECT count(*) FROM event WHERE conversation = ? AND seq > ? AND type IN " +
                         sqlTypes(EventKind::message)),
      memberships_(db.sqlite(),
                   "SELECT type, at, role, position FROM event WHERE conversation = ? AND actor = ?"
                   " AND seq <= ? AND type IN " +
                       sqlTypes(EventKind::membership) + " ORDER BY seq DESC"),
      before_(db.sqlite(),
              "SELECT type, role, message_type, visible, seq FROM event"
              " WHERE conversation = ? AND seq < ? ORDER BY seq DESC"),
      everyMembership_(db.sqlite(),
                       "SELECT type, actor, role, seq FROM event"
                       " WHERE conversation = ? AND seq <= ? AND type IN " +
                           sqlTypes(EventKind::membership) + " ORDER BY seq") {}

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

bool PastEvents::beginsWait(ConversationKey conversation, Seq seq) {
    const StatementReset guard(before_);
    bindNumbers(before_, conversation.value, seq.value);
    while (before_.executeStep()) {
        FoldableEvent event;
        event.type = static_cast<EventType>(before_.getColumn(0).getInt());
        event.role = event_row::enumColumn<UserRole>(before_, 1);
        event.messageType = event_row::enumColumn<MessageType>(before_, 2);
        event.visible = event_row::enumColumn<bool>(before_, 3);
        if (asks(event)) return false;
        if (answers(event)) return true;
        const bool mayTake =
            event.type == EventType::participantLeft ||
            (event.type == EventType::participantJoined && event.role != UserRole::customer);
        if (mayTake && tookLastCustomer(conversation, {before_.getColumn(4).getInt64()})) {
            return true;
        }
    }
    return true;
}

// Whether the join or leave `seq` left the conversation without a customer, in which there was one.
bool PastEvents::tookLastCustomer(ConversationKey conversation, Seq seq) {
    const StatementReset guard(everyMembership_);
    bindNumbers(everyMembership_, conversation.value, seq.value);
    std::unordered_set<std::int64_t> customers;
    bool wasCustomer = false;
    while (everyMembership_.executeStep()) {
        const auto type = static_cast<EventType>(everyMembership_.getColumn(0).getInt());
        const auto user = everyMembership_.getColumn(1).getInt64();
        const auto role = event_row::enumColumn<UserRole>(everyMembership_, 2);
        wasCustomer = customers.erase(user) > 0;
        const bool isCustomer = role.value_or(UserRole::customer) == UserRole::customer;
        if (type == EventType::participantJoined && isCustomer) customers.insert(user);
    }
    return wasCustomer && customers.empty();
}

}  // namespace parley
