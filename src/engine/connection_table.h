#pragma once

#include <parley/core/ids.h>
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
    const Identity* find(std::uint64_t connection, ConversationKey conversation) const;
    std::size_t roomsOf(std::uint64_t connection) const;
    /// The connections that joined a conversation as this user.
    std::vector<std::uint64_t> of(ConversationKey conversation, UserKey user) const;
    std::size_t size() const { return rooms_.size(); }

    void join(std::uint64_t connection, Identity identity);
    void leave(std::uint64_t connection, ConversationKey conversation);
    void close(std::uint64_t connection);

    void committed() { undo_.clear(); }
    void rolledBack();

private:
    using Rooms = std::vector<Identity>;
    struct Member {
        ConversationKey conversation;
        UserKey user;
        std::uint64_t connection;
        auto operator<=>(const Member&) const = default;
    };
    static Member memberOf(std::uint64_t connection, const Identity& identity);
    void remember(std::uint64_t connection);
    void put(std::uint64_t connection, Rooms rooms);
    void erase(std::uint64_t connection);

    std::unordered_map<std::uint64_t, Rooms> rooms_;
    std::set<Member> members_;  // the same, by conversation and user
    std::unordered_map<std::uint64_t, std::optional<Rooms>> undo_;  // as before this batch
};

}  // namespace parley
