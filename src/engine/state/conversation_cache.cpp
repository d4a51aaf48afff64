#include "engine/state/conversation_cache.h"

#include <parley/core/try.h>

#include <iterator>
#include <utility>

namespace parley {

Result<ConversationState*> ConversationCache::get(const ConversationId& id) {
    auto known = index_.find(id);
    if (known == index_.end()) {
        PARLEY_TRY_ASSIGN(const auto loaded, load(id));
        known = index_.emplace(id, loaded).first;
    }
    Entry& entry = *known->second;
    if (!std::exchange(entry.touched, true)) {
        touched_.push_back(known->second);
        entry.typingBefore = entry.state.typing;
    }
    return &entry.state;
}

const UserList<TypingUser>* ConversationCache::typingIn(const ConversationId& id) const {
    if (const auto known = index_.find(id); known != index_.end()) {
        return &known->second->state.typing;
    }
    const auto dropped = typing_.find(id);
    return dropped == typing_.end() ? nullptr : &dropped->second;
}

Result<ConversationCache::Order::iterator> ConversationCache::load(const ConversationId& id) {
    PARLEY_TRY_ASSIGN(auto stored, load_(id));
    entries_.push_front({std::move(stored).value_or(ConversationState{}), false, false, {}});
    ConversationState& state = entries_.front().state;
    state.id = id;
    if (auto typing = typing_.extract(id)) state.typing = std::move(typing.mapped());
    return entries_.begin();
}

// Puts it in front of the states it belongs with now.
void ConversationCache::used(Order::iterator entry) {
    Order& before = orderOf(*entry);
    entry->stays = !entry->state.typing.empty();
    Order& now = orderOf(*entry);
    now.splice(now.begin(), before, entry);
}

void ConversationCache::drop(Order::iterator entry) {
    index_.erase(entry->state.id);
    orderOf(*entry).erase(entry);
}

void ConversationCache::committed() {
    for (const auto entry : touched_) {
        entry->touched = false;
        // A blank state stands for no conversation: keeping it would let requests for unknown
        // ids fill the cache.
        if (entry->state.started()) {
            used(entry);
        } else {
            drop(entry);
        }
    }
    touched_.clear();
    while (index_.size() > loadedMax_ && !entries_.empty()) drop(std::prev(entries_.end()));
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
