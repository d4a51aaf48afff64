#include "gateway/presence/typing_board.h"

#include <utility>

namespace parley {

void TypingBoard::note(const TypingChanged& change) {
    {
        const std::lock_guard lock(mutex_);
        if (!apply(change)) return;
        const auto found = entries_.find(change.conversationKey);
        if (dashboards_.load(std::memory_order_relaxed) == 0) {
            if (found->second.users.empty() && !found->second.queued) entries_.erase(found);
            return;
        }
        enqueue(change.conversationKey, found->second);
        if (std::exchange(woken_, true)) return;
    }
    if (tell_) tell_();
}

// Whether something is different now: clients say again and again that somebody types.
bool TypingBoard::apply(const TypingChanged& change) {
    if (!change.isTyping) {
        const auto found = entries_.find(change.conversationKey);
        if (found == entries_.end() || !found->second.users.find(change.user)) return false;
        found->second.users.remove(change.user);
        return true;
    }
    Entry& entry = entries_[change.conversationKey];
    TypingUser* known = entry.users.find(change.user);
    if (known) return std::exchange(known->userName, change.userName) != change.userName;
    entry.id = change.conversation;
    entry.users.add({change.user, change.userName});
    return true;
}

void TypingBoard::enqueue(ConversationKey key, Entry& entry) {
    if (!std::exchange(entry.queued, true)) queue_.push_back(key);
}

TypingBoard::Conversation TypingBoard::shown(const Entry& entry) {
    Conversation shown{entry.id, {}, entry.users.size()};
    for (const auto& user : entry.users) {
        if (shown.users.size() == kNamedMax) break;
        shown.users.push_back(user);
    }
    return shown;
}

TypingBoard::News TypingBoard::all(std::size_t most) {
    News news;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [key, entry] : entries_) {
            if (entry.users.empty()) continue;
            if (news.conversations.size() < most) {
                entry.told = true;
                news.conversations.push_back(shown(entry));
            } else {
                enqueue(key, entry);
                news.more = true;
            }
        }
        if (!news.more || std::exchange(woken_, true)) return news;
    }
    if (tell_) tell_();
    return news;
}

TypingBoard::News TypingBoard::take(std::size_t most) {
    const std::lock_guard lock(mutex_);
    News news;
    while (!queue_.empty() && news.conversations.size() < most) {
        const auto found = entries_.find(queue_.front());
        queue_.pop_front();
        Entry& entry = found->second;
        entry.queued = false;
        const bool wasTold = std::exchange(entry.told, !entry.users.empty());
        if (wasTold || entry.told) news.conversations.push_back(shown(entry));
        if (entry.users.empty()) entries_.erase(found);
    }
    news.more = !queue_.empty();
    woken_ = news.more;
    return news;
}

}  // namespace parley
