#include "engine/state/typing_table.h"

#include <iterator>
#include <utility>

namespace parley {

TypingTable::Key TypingTable::keyOf(const ConversationId& conversation, const UserId& user) {
    Key key = conversation.str();
    key += '\0';
    key += user.str();
    return key;
}

void TypingTable::remember(const Key& key) {
    const auto known = live_.find(key);
    undo_.try_emplace(key,
                      known == live_.end() ? std::nullopt : std::optional(known->second->typing));
}

void TypingTable::put(Key key, Typing typing) {
    erase(key);
    order_.push_back({std::move(typing), clock_.monotonic() + timeout_, ++started_});
    const auto entry = std::prev(order_.end());
    byConnection_.emplace(std::pair(entry->typing.connection, entry->number), entry);
    live_.emplace(std::move(key), entry);
}

void TypingTable::erase(const Key& key) {
    const auto known = live_.find(key);
    if (known == live_.end()) return;
    const auto entry = known->second;
    byConnection_.erase({entry->typing.connection, entry->number});
    live_.erase(known);
    order_.erase(entry);
}

void TypingTable::started(Typing typing) {
    Key key = keyOf(typing.conversation, typing.user);
    remember(key);
    put(std::move(key), std::move(typing));
}

void TypingTable::stopped(const ConversationId& conversation, const UserId& user) {
    const Key key = keyOf(conversation, user);
    remember(key);
    erase(key);
}

void TypingTable::rolledBack() {
    for (auto& [key, typing] : undo_) {
        if (typing) {
            put(key, std::move(*typing));
        } else {
            erase(key);
        }
    }
    undo_.clear();
}

ConnectionId TypingTable::connectionOf(const ConversationId& conversation,
                                       const UserId& user) const {
    const auto known = live_.find(keyOf(conversation, user));
    return known == live_.end() ? ConnectionId{} : known->second->typing.connection;
}

std::vector<Typing> TypingTable::takeDue() {
    std::vector<Typing> due;
    if (order_.empty()) return due;
    const auto now = clock_.monotonic();
    while (!order_.empty() && order_.front().deadline <= now) {
        due.push_back(order_.front().typing);
        stopped(due.back().conversation, due.back().user);
    }
    return due;
}

std::vector<Typing> TypingTable::of(ConnectionId connection) const {
    std::vector<Typing> found;
    for (auto one = byConnection_.lower_bound({connection, 0});
         one != byConnection_.end() && one->first.first == connection; ++one) {
        found.push_back(one->second->typing);
    }
    return found;
}

std::vector<ConnectionId> TypingTable::between(ConnectionId first, ConnectionId last) const {
    std::vector<ConnectionId> found;
    for (auto one = byConnection_.lower_bound({first, 0});
         one != byConnection_.end() && one->first.first <= last; ++one) {
        if (found.empty() || found.back() != one->first.first) found.push_back(one->first.first);
    }
    return found;
}

std::optional<std::chrono::milliseconds> TypingTable::nextDeadline() const {
    if (order_.empty()) return std::nullopt;
    return order_.front().deadline;
}

}  // namespace parley
