#pragma once

#include <parley/core/ids.h>
#include <parley/core/numbers.h>
#include <parley/domain/roles.h>

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace parley {

/// As whom a connection joined a conversation.
struct Identity {
    ConversationKey conversation;
    UserId user;
    UserKey userKey;
    UserRole role;
};

/// Which connection joined which conversations, as whom. Owned by the writer, so that a request
/// sees the joins before it. Changes since the last commit can be undone with their batch.
class ConnectionTable {
public:
    const Identity* find(ConnectionId connection, ConversationKey conversation) const;
    std::size_t roomsOf(ConnectionId connection) const;
    /// The connections that joined a conversation as this user.
    std::vector<ConnectionId> of(ConversationKey conversation, UserKey user) const;
    std::size_t size() const { return rooms_.size(); }

    void join(ConnectionId connection, Identity identity);
    void leave(ConnectionId connection, ConversationKey conversation);
    void close(ConnectionId connection);

    void committed() { undo_.clear(); }
    void rolledBack();

private:
    using Rooms = std::vector<Identity>;
    struct Member {
        ConversationKey conversation;
        UserKey user;
        ConnectionId connection;
        auto operator<=>(const Member&) const = default;
    };
    static Member memberOf(ConnectionId connection, const Identity& identity);
    void remember(ConnectionId connection);
    void put(ConnectionId connection, Rooms rooms);
    void erase(ConnectionId connection);

    std::unordered_map<ConnectionId, Rooms> rooms_;
    std::set<Member> members_;  // the same, by conversation and user
    std::unordered_map<ConnectionId, std::optional<Rooms>> undo_;  // as before this batch
};

}  // namespace parley
