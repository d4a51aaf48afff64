#include "engine/typing_table.h"

namespace parley {

TypingTable::Key TypingTable::keyOf(const ConversationId& conversation, const UserId& user) {
    Key key = conversation.str();
    key += '\0';
    key += user.str();
    return key;
}

void TypingTable::started(Typing typing, std::chrono::milliseconds now) {
    Key key = keyOf(typing.conversation, typing.user);
    const auto deadline = now + timeout_;
    queue_.emplace_back(key, deadline);
    live_.insert_or_assign(std::move(key), Entry{std::move(typing), deadline});
}

void TypingTable::stopped(const ConversationId& conversation, const UserId& user) {
    live_.erase(keyOf(conversation, user));
}

std::uint64_t TypingTable::connectionOf(const ConversationId& conversation,
                                        const UserId& user) const {
    const auto known = live_.find(keyOf(conversation, user));
    return known == live_.end() ? 0 : known->second.typing.connection;
}

bool TypingTable::isVoid(const std::pair<Key, std::chrono::milliseconds>& queued) const {
    const auto known = live_.find(queued.first);
    return known == live_.end() || known->second.deadline != queued.second;
}

std::vector<Typing> TypingTable::due(std::chrono::milliseconds now) {
    std::vector<Typing> due;
    while (!queue_.empty() && (isVoid(queue_.front()) || queue_.front().second <= now)) {
        if (!isVoid(queue_.front())) {
            const auto known = live_.find(queue_.front().first);
            due.push_back(std::move(known->second.typing));
            live_.erase(known);
        }
        queue_.pop_front();
    }
    return due;
}

std::vector<Typing> TypingTable::of(std::uint64_t connection) const {
    std::vector<Typing> found;
    for (const auto& [key, entry] : live_) {
        if (entry.typing.connection == connection) found.push_back(entry.typing);
    }
    return found;
}

std::optional<std::chrono::milliseconds> TypingTable::nextDeadline() {
    while (!queue_.empty() && isVoid(queue_.front())) queue_.pop_front();
    if (queue_.empty()) return std::nullopt;
    return queue_.front().second;
}

}  // namespace parley
