#pragma once

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

/// One user's typing in one conversation, and whose connection it came from.
struct Typing {
    ConversationId conversation;
    UserId user;
    ConnectionId connection{};
};

/// When whose typing ends by itself. All time-outs are equally long, so the order of starting is
/// the order of ending. Owned by the writer. Changes since the last commit can be undone with
/// their batch.
class TypingTable {
public:
    explicit TypingTable(std::chrono::milliseconds timeout) : timeout_(timeout) {}

    void started(Typing typing, std::chrono::milliseconds now);
    void stopped(const ConversationId& conversation, const UserId& user);
    /// The connection this typing came from; 0 when there is none.
    ConnectionId connectionOf(const ConversationId& conversation, const UserId& user) const;
    /// What is due at `now`; each is returned once.
    std::vector<Typing> due(std::chrono::milliseconds now);
    /// Everything that came from a connection, in the order of starting.
    std::vector<Typing> of(ConnectionId connection) const;
    std::optional<std::chrono::milliseconds> nextDeadline() const;
    std::size_t size() const { return live_.size(); }

    void committed() { undo_.clear(); }
    /// Whoever typed before this batch is typing: what ended in it ends a time-out from `now`.
    void rolledBack(std::chrono::milliseconds now);

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
    void put(Key key, Typing typing, std::chrono::milliseconds now);
    void erase(const Key& key);

    std::chrono::milliseconds timeout_;
    Order order_;
    std::unordered_map<Key, Order::iterator> live_;
    // By connection and number: a connection that closes looks at nobody else's.
    std::map<std::pair<ConnectionId, std::uint64_t>, Order::iterator> byConnection_;
    std::uint64_t started_ = 0;
    std::unordered_map<Key, std::optional<Typing>> undo_;  // as before this batch
};

}  // namespace parley
