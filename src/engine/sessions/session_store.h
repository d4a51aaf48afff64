#pragma once

#include "engine/sessions/held_sessions.h"
#include "engine/state/connection_table.h"

#include <parley/core/clock.h>
#include <parley/domain/principal.h>
#include <parley/engine/presence.h>
#include <parley/engine/request.h>
#include <parley/log/database.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// A subscription of a session, as stored.
struct StoredRoom {
    Identity identity;
    Position since;
    std::optional<Position> until;  ///< the removal that ended it; nothing: it goes on
    ConversationId conversation;
};

/// Stands for the time at which a session dropped, where it has a connection: after every time.
inline constexpr UnixMillis kConnected{INT64_MAX};

/// A session as stored.
struct StoredSession {
    SessionRow row;
    UnixMillis droppedAt;  ///< when its connection went away; kConnected: it has one
    std::optional<Position>
        dashboard;                ///< since when it watches the dashboard; nothing: it does not
    PresentUser dashboardUser{};  ///< that follows it
    bool presence = false;        ///< with presence
    std::vector<StoredRoom> rooms;
    /// Whose it is; nothing: it began without authentication.
    std::optional<UserId> user;
    std::string actor;  ///< actorName of the owner

    /// Whether this principal may resume it: its user, as the same actor, and none of its rooms out
    /// of reach. Null: there is no authentication.
    bool belongsTo(const Principal* principal) const;
};

/// The sessions' rows (schema/schema.sql), on the writer's connection. Writer's thread only. What
/// writes is called within the transaction of a unit of work.
class SessionStore {
public:
    explicit SessionStore(Database& db);

    Result<std::optional<StoredSession>> find(const PidHash& pid);
    /// The session's own events after `after`: broadcasts "without the sender" that it caused.
    Result<std::vector<Position>> ownAfter(SessionRow row, Position after);
    /// How many events of its own there are up to `upTo`.
    Result<std::int64_t> ownUpTo(SessionRow row, Position upTo);
    Result<std::int64_t> count();
    /// Sessions that dropped before `before`, the first to drop first.
    Result<std::vector<SessionRow>> droppedBefore(UnixMillis before, int limit);

    /// Returns the new row, of a session that has a connection.
    Result<SessionRow> insert(const PidHash& pid, const Principal* owner);
    /// The session's connection went away at `at`; kConnected: it has one.
    Result<void> setDropped(SessionRow row, UnixMillis at);
    /// Every session whose row says that it has a connection dropped at `at`.
    Result<void> allDropped(UnixMillis at);
    Result<void> remove(SessionRow row);
    /// Subscribes. A session that is in the room already keeps its `since`.
    Result<void> join(SessionRow row, const Identity& identity, Position since);
    /// Ends the subscription, and forgets the events that the session caused there. Returns how
    /// many they were.
    Result<int> leave(SessionRow row, ConversationKey room);
    /// A removal: ends the user's subscriptions to the room, in all sessions. Each session keeps
    /// `keptMax` ended ones and one more, which says that there may have been others.
    Result<void> endAll(ConversationKey room, UserKey user, Position until, std::size_t keptMax);
    /// Forgets the session's ended subscriptions up to `received`.
    Result<void> forgetEnded(SessionRow row, Position received);
    /// Follows the dashboard from `since` on, or no longer. One that does so already keeps its
    /// `since`.
    Result<void> setDashboard(SessionRow row, const WatchDashboard& dashboard, Position since);
    Result<void> addOwn(SessionRow row, ConversationKey room, Position position);
    Result<void> forgetOwn(SessionRow row, Position upTo);

private:
    Database& db_;
    SQLite::Statement find_;
    SQLite::Statement rooms_;
    SQLite::Statement own_;
    SQLite::Statement ownUpTo_;
    SQLite::Statement count_;
    SQLite::Statement droppedBefore_;
    SQLite::Statement insert_;
    SQLite::Statement setDropped_;
    SQLite::Statement allDropped_;
    SQLite::Statement remove_;
    SQLite::Statement removeRooms_;
    SQLite::Statement removeOwn_;
    SQLite::Statement rejoin_;
    SQLite::Statement join_;
    SQLite::Statement leave_;
    SQLite::Statement end_;
    SQLite::Statement trimEnded_;
    SQLite::Statement forgetEnded_;
    SQLite::Statement leaveOwn_;
    SQLite::Statement dashboard_;
    SQLite::Statement addOwn_;
    SQLite::Statement forgetOwn_;
};

}  // namespace parley
