#pragma once

#include "engine/unit_of_work.h"

#include <parley/core/result.h>
#include <parley/domain/conversation_state.h>

#include <functional>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace parley {

/// The conversation states the writer works on: loaded when first needed, at most `loadedMax` of
/// them, the longest unused dropped first. Those in which somebody types stay whatever their
/// number, and cost nothing when one to drop is looked for. Writer's thread only; changes are
/// undone with their unit of work.
class ConversationCache final : public UnitMember {
public:
    /// Reads a conversation's state from the views; nothing where there is no such conversation.
    using Load = std::function<Result<std::optional<ConversationState>>(const ConversationId&)>;

    ConversationCache(UnitMembers& members, std::size_t loadedMax, Load load)
        : UnitMember(members), loadedMax_(loadedMax), load_(std::move(load)) {}

    /// The state of a conversation; a blank one (not started) where there is none. Valid until the
    /// unit of work ends.
    Result<ConversationState*> get(const ConversationId& id);

    /// The users who type in a conversation. Null where its state is not in memory: then nobody
    /// does. Valid until the unit of work ends.
    const UserList<TypingUser>* typingIn(const ConversationId& id) const;

    /// States in memory.
    std::size_t size() const { return index_.size(); }

    /// Makes room: no state is dropped before, so that those in use are safe.
    void committed() override;
    /// What the unit touched is dropped and loaded anew when needed, with the users who typed
    /// before the unit.
    void rolledBack() override;

private:
    struct Entry {
        ConversationState state;
        bool touched = false;               ///< by the unit in work
        bool stays = false;                 ///< in `staying_`: somebody types
        UserList<TypingUser> typingBefore;  ///< before that unit
    };
    using Order = std::list<Entry>;

    Result<Order::iterator> load(const ConversationId& id);
    Order& orderOf(const Entry& entry) { return entry.stays ? staying_ : entries_; }
    void used(Order::iterator entry);
    void drop(Order::iterator entry);

    const std::size_t loadedMax_;
    const Load load_;
    Order entries_;  // most recently used first
    Order staying_;  // no table knows the users who type there
    std::unordered_map<ConversationId, Order::iterator> index_;
    std::vector<Order::iterator> touched_;
    // The users who typed in conversations that a rollback dropped and nothing has needed since.
    std::unordered_map<ConversationId, UserList<TypingUser>> typing_;
};

}  // namespace parley
