#pragma once

#include "engine/unit_of_work.h"

#include <parley/core/ids.h>
#include <parley/core/numbers.h>
#include <parley/domain/roles.h>
#include <parley/engine/presence.h>

#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace parley {

/// The user and role a connection joined, or watches, a conversation with.
struct Identity {
    ConversationKey conversation;
    UserId user;
    UserKey userKey;  ///< 0: one that watches, and that the log does not know
    UserRole role;
    bool watching = false;  ///< it has not joined: it looks on
};

/// Which connection joined or watches which conversations, and with which identity. The writer
/// keeps it, so that a request sees the joins before it. Writer's thread only; changes are undone
/// with their unit of work.
class ConnectionTable final : public UnitMember {
public:
    /// `presence` is told of every change that was committed; null: nobody is.
    explicit ConnectionTable(UnitMembers& members, PresenceBoard* presence = nullptr)
        : UnitMember(members), presence_(presence) {}

    /// Null where the connection neither joined nor watches the conversation. Valid until the next
    /// change.
    const Identity* find(ConnectionId connection, ConversationKey conversation) const;
    /// Connections that watch a conversation, those of one connection counted each.
    std::size_t watches() const { return watches_; }
    /// How many conversations the connection has joined or watches.
    std::size_t roomsOf(ConnectionId connection) const;
    /// The connections that joined a conversation as this user.
    std::vector<ConnectionId> of(ConversationKey conversation, UserKey user) const;
    /// Connections that have joined any conversation.
    std::size_t size() const { return rooms_.size(); }

    /// Joins, or joins again with another identity.
    void join(ConnectionId connection, Identity identity);
    void leave(ConnectionId connection, ConversationKey conversation);
    /// Follows the dashboard as this user, or no longer.
    void followDashboard(ConnectionId connection, const std::optional<PresentUser>& as);
    /// What a conversation is called that is watched.
    void name(ConversationKey conversation, const ConversationId& id);
    /// Leaves all conversations and the dashboard.
    void close(ConnectionId connection);

    /// Conversations that a connection has joined or watches, in the order of joining.
    using Rooms = std::vector<Identity>;
    /// Gives a connection these in place of those it has.
    void replace(ConnectionId connection, Rooms rooms);
    /// Every connection with rooms or a dashboard whose number is in a range.
    std::vector<ConnectionId> between(ConnectionId first, ConnectionId last) const;

    /// Calls `each(connection, rooms before, rooms now)`, where null stands for none, for every
    /// connection whose rooms this unit may have changed.
    template <typename Each>
    void eachChange(const Each& each) const {
        for (const auto& [connection, before] : undo_) {
            const auto now = rooms_.find(connection);
            each(connection, before ? &*before : nullptr,
                 now == rooms_.end() ? nullptr : &now->second);
        }
    }
    /// Connections whose dashboard this unit may have changed.
    template <typename Each>
    void eachDashboardChange(const Each& each) const {
        for (const auto& entry : undoDashboards_) each(entry.first);
    }
    /// How the connection follows the dashboard; null: it does not.
    const PresentUser* dashboardOf(ConnectionId connection) const;
    /// Whether this unit may have changed anything.
    bool isChanged() const { return !undo_.empty() || !undoDashboards_.empty(); }

    void committed() override;
    void rolledBack() override;

private:
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

    void count(const Identity& identity, bool more);
    void rememberDashboard(ConnectionId connection);
    static ConnectionPresence presenceOf(const Rooms* rooms, const PresentUser* dashboard);
    void tellPresence();

    std::size_t watches_ = 0;
    std::unordered_map<ConnectionId, Rooms> rooms_;
    std::set<Member> members_;  // the same, by conversation and user
    std::unordered_map<ConnectionId, PresentUser> dashboards_;
    std::unordered_map<ConnectionId, std::optional<Rooms>> undo_;  // as before this unit
    std::unordered_map<ConnectionId, std::optional<PresentUser>> undoDashboards_;
    PresenceBoard* const presence_;
};

}  // namespace parley
