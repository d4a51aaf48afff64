#pragma once

#include <parley/domain/conversation_state.h>

#include <memory>
#include <unordered_map>
#include <vector>

namespace parley {

/// The conversations that the joins of one batch are answered with. Very many users may join a
/// large conversation at once, and a copy of it for each would be many times what all their
/// requests are. So joins that follow one another share a copy, as the conversation is after the
/// last of them; any other event comes after it. Writer's thread only.
class JoinViews {
public:
    /// The copy that a join just carried out is answered with. It has no content before the batch
    /// moves on: see `before` and `complete`. REQUIRES: `state` lives until then.
    std::shared_ptr<const ConversationState> viewOf(const ConversationState& state);

    /// `events` are about to be folded into `state`: completes its copy where joins before and
    /// after them may not be shown the same conversation.
    void before(const ConversationState& state, const std::vector<Event>& events);

    /// All requests are carried out: completes what is left.
    void complete();
    /// The batch failed: nobody is shown anything.
    void drop() { shared_.clear(); }

private:
    struct Shared {
        std::shared_ptr<ConversationState> view;
        const ConversationState* state = nullptr;  ///< what it becomes a copy of
    };
    std::unordered_map<ConversationKey, Shared> shared_;
};

}  // namespace parley
