#pragma once

#include <parley/core/result.h>
#include <parley/domain/conversation_state.h>
#include <parley/projection/state_reader.h>

#include <list>
#include <unordered_map>
#include <vector>

namespace parley {

/// The conversation states the writer works on: loaded from the projections when first needed, at
/// most `loadedMax` of them, the longest unused dropped first. Those in which somebody types stay,
/// and are not looked through for one to drop. Writer's thread only.
class ConversationCache {
public:
    ConversationCache(StateReader& states, std::size_t loadedMax)
        : states_(states), loadedMax_(loadedMax) {}

    /// The state of a conversation; a blank one (not started) where there is none. Valid until
    /// the next call of `committed` or `rolledBack`.
    Result<ConversationState*> get(const ConversationId& id);

    /// Who types in a conversation. Null where its state is not in memory: then nobody does. Valid
    /// as what `get` gives.
    const UserList<TypingUser>* typingIn(const ConversationId& id) const;

    /// After a commit: makes room. States in use by this batch are safe until here.
    void committed();
    /// After a rollback: what this batch touched is dropped and loaded anew when needed, with who
    /// was typing before the batch.
    void rolledBack();
    std::size_t size() const { return index_.size(); }

private:
    struct Entry {
        ConversationState state;
        bool touched = false;               ///< by the batch in work
        bool stays = false;                 ///< in `staying_`: somebody types
        UserList<TypingUser> typingBefore;  ///< before that batch
    };
    using Order = std::list<Entry>;

    Result<Order::iterator> load(const ConversationId& id);
    Order& orderOf(const Entry& entry) { return entry.stays ? staying_ : entries_; }
    void used(Order::iterator entry);
    void drop(Order::iterator entry);

    StateReader& states_;
    std::size_t loadedMax_;
    Order entries_;  // most recently used first
    Order staying_;  // who is typing there is known nowhere else
    std::unordered_map<ConversationId, Order::iterator> index_;
    std::vector<Order::iterator> touched_;
    // Of conversations dropped by a rollback and not needed since: no table knows who is typing.
    std::unordered_map<ConversationId, UserList<TypingUser>> typing_;
};

}  // namespace parley
