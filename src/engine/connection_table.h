#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include <parley/core/ids.h>
#include <parley/domain/roles.h>

namespace parley {

/// As whom a connection joined a conversation.
struct Identity {
    ConversationKey conversation;
    UserId user;
    UserRole role;
};

/// Which connection joined which conversations, as whom. Owned by the writer, so that a request
/// sees the joins before it. Changes since the last commit can be undone with their batch.
class ConnectionTable {
public:
    const Identity* find(std::uint64_t connection, ConversationKey conversation) const;
    std::size_t roomsOf(std::uint64_t connection) const;
    std::size_t size() const { return rooms_.size(); }

    void join(std::uint64_t connection, Identity identity);
    void leave(std::uint64_t connection, ConversationKey conversation);
    void close(std::uint64_t connection);

    void committed() { undo_.clear(); }
    void rolledBack();

private:
    using Rooms = std::vector<Identity>;
    void remember(std::uint64_t connection);

    std::unordered_map<std::uint64_t, Rooms> rooms_;
    std::unordered_map<std::uint64_t, std::optional<Rooms>> undo_;  // as before this batch
};

}  // namespace parley
