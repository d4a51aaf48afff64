#include "engine/conversation_cache.h"

namespace parley {

Result<ConversationState*> ConversationCache::get(const ConversationId& id) {
    touched_.insert(id);
    if (const auto known = index_.find(id); known != index_.end()) {
        states_.splice(states_.begin(), states_, known->second);
        return &*known->second;
    }
    auto loaded = views_.conversation(id);
    if (!loaded) return loaded.error();
    ConversationState state = loaded->value_or(ConversationState{});
    state.id = id;
    states_.push_front(std::move(state));
    index_.emplace(id, states_.begin());
    return &states_.front();
}

void ConversationCache::committed() {
    // A blank state stands for no conversation: keeping it would let strangers fill the cache.
    for (const auto& id : touched_) {
        const auto known = index_.find(id);
        if (known != index_.end() && !known->second->started()) {
            states_.erase(known->second);
            index_.erase(known);
        }
    }
    touched_.clear();
    // Who is typing is known nowhere else, so such a state stays.
    for (auto last = states_.end(); index_.size() > loadedMax_ && last != states_.begin();) {
        --last;
        if (!last->typing.empty()) continue;
        index_.erase(last->id);
        last = states_.erase(last);
    }
}

void ConversationCache::rolledBack() {
    for (const auto& id : touched_) {
        const auto known = index_.find(id);
        if (known == index_.end()) continue;
        states_.erase(known->second);
        index_.erase(known);
    }
    touched_.clear();
}

}  // namespace parley
