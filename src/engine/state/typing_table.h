#pragma once

#include "engine/unit_of_work.h"

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/numbers.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parley {

/// One user's typing in one conversation, and the connection it came from.
struct Typing {
    ConversationId conversation;
    UserId user;
    ConnectionId connection;
};

/// When each user's typing ends by itself. All time-outs are equally long, so the order of starting
/// is the order of ending. Writer's thread only; changes are undone with their unit of work.
class TypingTable final : public UnitMember {
public:
    /// The clock outlives the table.
    TypingTable(UnitMembers& members, std::chrono::milliseconds timeout, const Clock& clock)
        : UnitMember(members), timeout_(timeout), clock_(clock) {}

    /// Starts, or starts anew, a time-out from now.
    void started(Typing typing);
    void stopped(const ConversationId& conversation, const UserId& user);
    /// The connection this typing came from; 0 where the user does not type.
    ConnectionId connectionOf(const ConversationId& conversation, const UserId& user) const;
    /// Takes out what is due now.
    std::vector<Typing> takeDue();
    /// Everything that came from a connection, in the order of starting.
    std::vector<Typing> of(ConnectionId connection) const;
    /// Every connection that typing came from, whose number is in a range.
    std::vector<ConnectionId> between(ConnectionId first, ConnectionId last) const;
    /// On the monotonic clock; nothing where nobody types.
    std::optional<std::chrono::milliseconds> nextDeadline() const;
    std::size_t size() const { return live_.size(); }

    /// Calls `each(conversation, user, connection)`, where connection 0 stands for one who does not
    /// type, for every typing that this unit may have changed.
    template <typename Each>
    void eachChange(const Each& each) const {
        for (const auto& entry : undo_) {
            const auto end = entry.first.find('\0');
            const auto conversation = ConversationId::fromStored(entry.first.substr(0, end));
            const auto user = UserId::fromStored(entry.first.substr(end + 1));
            each(conversation, user, connectionOf(conversation, user));
        }
    }
    /// Whether this unit may have changed anything.
    bool isChanged() const { return !undo_.empty(); }

    void committed() override { undo_.clear(); }
    /// Those who typed before the unit type again: what ended in it ends a time-out from now.
    void rolledBack() override;

private:
    struct Entry {
        Typing typing;
        std::chrono::milliseconds deadline;
        std::uint64_t number;  // grows with every start
    };
    using Key = std::string;         // conversation, NUL, user: neither has control characters
    using Order = std::list<Entry>;  // the one that ends first comes first
    static Key keyOf(const ConversationId& conversation, const UserId& user);
    void remember(const Key& key);
    void put(Key key, Typing typing);
    void erase(const Key& key);

    const std::chrono::milliseconds timeout_;
    const Clock& clock_;
    Order order_;
    std::unordered_map<Key, Order::iterator> live_;
    // By connection and number, so that closing one connection looks at no other's typing.
    std::map<std::pair<ConnectionId, std::uint64_t>, Order::iterator> byConnection_;
    std::uint64_t started_ = 0;
    std::unordered_map<Key, std::optional<Typing>> undo_;  // as before this unit
};

}  // namespace parley
