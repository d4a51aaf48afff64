#include "engine/typing_table.h"

#include <iterator>
#include <utility>

namespace parley {

TypingTable::Key TypingTable::keyOf(const ConversationId& conversation, const UserId& user) {
    Key key = conversation.str();
    key += '\0';
    key += user.str();
    return key;
}

void TypingTable::started(Typing typing, std::chrono::milliseconds now) {
    stopped(typing.conversation, typing.user);
    Key key = keyOf(typing.conversation, typing.user);
    order_.push_back({std::move(typing), now + timeout_});
    live_.emplace(std::move(key), std::prev(order_.end()));
}

void TypingTable::stopped(const ConversationId& conversation, const UserId& user) {
    const auto known = live_.find(keyOf(conversation, user));
    if (known == live_.end()) return;
    order_.erase(known->second);
    live_.erase(known);
}

std::uint64_t TypingTable::connectionOf(const ConversationId& conversation,
                                        const UserId& user) const {
    const auto known = live_.find(keyOf(conversation, user));
    return known == live_.end() ? 0 : known->second->typing.connection;
}

std::vector<Typing> TypingTable::due(std::chrono::milliseconds now) {
    std::vector<Typing> due;
    while (!order_.empty() && order_.front().deadline <= now) {
        Typing& first = order_.front().typing;
        live_.erase(keyOf(first.conversation, first.user));
        due.push_back(std::move(first));
        order_.pop_front();
    }
    return due;
}

std::vector<Typing> TypingTable::of(std::uint64_t connection) const {
    std::vector<Typing> found;
    for (const auto& entry : order_) {
        if (entry.typing.connection == connection) found.push_back(entry.typing);
    }
    return found;
}

std::optional<std::chrono::milliseconds> TypingTable::nextDeadline() const {
    if (order_.empty()) return std::nullopt;
    return order_.front().deadline;
}

}  // namespace parley
