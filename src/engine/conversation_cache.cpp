#include "engine/conversation_cache.h"

#include <utility>

namespace parley {

Result<ConversationState*> ConversationCache::get(const ConversationId& id) {
    auto known = index_.find(id);
    if (known == index_.end()) {
        auto loaded = load(id);
        if (!loaded) return loaded.error();
        known = index_.emplace(id, *loaded).first;
    } else if (known->second != entries_.begin()) {
        entries_.splice(entries_.begin(), entries_, known->second);
    }
    Entry& entry = *known->second;
    if (!std::exchange(entry.touched, true)) {
        touched_.push_back(known->second);
        entry.typingBefore = entry.state.typing;
    }
    return &entry.state;
}

Result<ConversationCache::Order::iterator> ConversationCache::load(const ConversationId& id) {
    auto stored = views_.conversation(id);
    if (!stored) return stored.error();
    entries_.push_front({std::move(*stored).value_or(ConversationState{}), false, {}});
    ConversationState& state = entries_.front().state;
    state.id = id;
    if (auto typing = typing_.extract(id)) state.typing = std::move(typing.mapped());
    return entries_.begin();
}

void ConversationCache::drop(Order::iterator entry) {
    index_.erase(entry->state.id);
    entries_.erase(entry);
}

void ConversationCache::committed() {
    for (const auto entry : touched_) {
        entry->touched = false;
        // A blank state stands for no conversation: keeping it would let strangers fill the cache.
        if (!entry->state.started()) drop(entry);
    }
    touched_.clear();
    // Who is typing is known nowhere else, so such a state stays.
    for (auto last = entries_.end(); index_.size() > loadedMax_ && last != entries_.begin();) {
        --last;
        if (!last->state.typing.empty()) continue;
        index_.erase(last->state.id);
        last = entries_.erase(last);
    }
}

void ConversationCache::rolledBack() {
    for (const auto entry : touched_) {
        if (!entry->typingBefore.empty()) {
            typing_.insert_or_assign(entry->state.id, std::move(entry->typingBefore));
        }
        drop(entry);
    }
    touched_.clear();
}

}  // namespace parley
