#include "engine/batch/join_views.h"

#include <algorithm>

namespace parley {
namespace {

// Not where a participant gets another role, and not where anybody leaves or writes.
bool keepsView(const ConversationState& state, const Event& event) {
    if (event.type == EventType::participantJoined) return state.find(event.actor) == nullptr;
    return isTyping(event.type) || event.type == EventType::conversationStarted;
}

}  // namespace

std::shared_ptr<const ConversationState> JoinViews::viewOf(const ConversationState& state) {
    auto& shared = shared_[state.key];
    if (!shared.view) shared = {std::make_shared<ConversationState>(), &state};
    return shared.view;
}

void JoinViews::before(const ConversationState& state, const std::vector<Event>& events) {
    if (shared_.empty()) return;
    const auto shared = shared_.find(state.key);
    if (shared == shared_.end()) return;
    const bool keeps = std::all_of(events.begin(), events.end(),
                                   [&](const Event& event) { return keepsView(state, event); });
    if (keeps) return;
    *shared->second.view = *shared->second.state;
    shared_.erase(shared);
}

void JoinViews::complete() {
    for (auto& [conversation, shared] : shared_) *shared.view = *shared.state;
    shared_.clear();
}

}  // namespace parley
