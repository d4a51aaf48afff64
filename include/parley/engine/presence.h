#pragma once

#include <parley/core/ids.h>
#include <parley/domain/roles.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace parley {

/// Somebody who is there, as their connections say it. Nothing: a dashboard that names nobody, or a
/// principal without a role.
struct PresentUser {
    std::optional<UserId> user;
    std::optional<UserRole> role;
    auto operator<=>(const PresentUser&) const = default;
};

/// What one connection adds to presence: its users, each once, and which conversations it watches.
struct ConnectionPresence {
    std::set<PresentUser> users;
    std::set<std::pair<ConversationKey, PresentUser>> watches;
    bool operator==(const ConnectionPresence&) const = default;
};

/// Who is there: the users of the connections that joined a conversation, watch one, or follow the
/// dashboard, and who watches what. Lives in memory only; nothing of it is in the log. Any thread.
class PresenceBoard {
public:
    struct Connected {
        PresentUser user;
        std::int64_t connections = 0;  ///< 0: nobody any more
    };
    struct Watched {
        ConversationId conversation;
        std::vector<PresentUser> users;  ///< empty: nobody any more
    };
    /// What is so now, or what has changed to be so.
    struct News {
        std::int64_t version = 0;  ///< grows with each change
        std::vector<Connected> users;
        std::vector<Watched> watchers;
        bool more = false;  ///< there is more of it

        bool empty() const { return users.empty() && watchers.empty(); }
    };

    /// Calls `tell` when something has changed for the first time since `take`. Set it before the
    /// first change. `tell` is called on the writer's thread and must not block.
    void onChange(std::function<void()> tell) { tell_ = std::move(tell); }
    /// A connection adds `after` instead of `before` from here on.
    void change(const ConnectionPresence& before, const ConnectionPresence& after);
    /// How a conversation is called that is about to be watched.
    void name(ConversationKey key, const ConversationId& id);

    /// How many users are there in each role, in the order of kUserRoles; the last count is of
    /// those without one. A user with two roles counts in both. Takes a few instructions.
    std::array<std::int64_t, kUserRoles.size() + 1> usersByRole() const;

    /// All of it, `most` users and `most` conversations at most.
    News all(std::size_t most) const;
    /// What changed since the last call, likewise; the rest stays for the next one.
    News take(std::size_t most);

private:
    bool count(const ConnectionPresence& one, int by);
    Watched watchedIn(ConversationKey key) const;
    void addUser(const PresentUser& user, int by);

    mutable std::mutex mutex_;
    std::function<void()> tell_;
    std::int64_t version_ = 0;
    std::map<PresentUser, std::int64_t> users_;
    std::array<std::int64_t, kUserRoles.size() + 1> byRole_{};  // of users_
    std::map<ConversationKey, std::map<PresentUser, std::int64_t>> watchers_;
    std::map<ConversationKey, ConversationId> names_;
    std::set<PresentUser> changedUsers_;
    std::set<ConversationKey> changedRooms_;
    bool told_ = false;
};

}  // namespace parley
