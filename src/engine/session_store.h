#pragma once

#include "engine/connection_table.h"

#include <parley/core/clock.h>
#include <parley/engine/request.h>
#include <parley/log/database.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace parley {

/// A subscription of a session, as stored.
struct StoredRoom {
    Identity identity;
    Position since;
    std::optional<Position> until;  ///< of the removal that ended it
    ConversationId conversation;
};

/// The time at which a session dropped that has a connection: after every other.
inline constexpr UnixMillis kConnected{INT64_MAX};

/// A session as stored.
struct StoredSession {
    std::int64_t row = 0;
    UnixMillis droppedAt;               ///< when its connection went away; kConnected: it has one
    std::optional<Position> dashboard;  ///< since when it is watched
    std::vector<StoredRoom> rooms;
};

/// The sessions' rows (schema/schema.sql), on the writer's connection. What writes is
/// called within the batch's transaction.
class SessionStore {
public:
    explicit SessionStore(Database& db);

    Result<std::optional<StoredSession>> find(const PidHash& pid);
    /// The session's own events after `after`: broadcasts "without the sender" that it caused.
    Result<std::vector<Position>> ownAfter(std::int64_t row, Position after);
    /// How many of them there are up to `upTo`.
    Result<std::int64_t> ownUpTo(std::int64_t row, Position upTo);
    Result<std::int64_t> count();
    /// Sessions that dropped before `before`, the first to drop first.
    Result<std::vector<std::int64_t>> droppedBefore(UnixMillis before, int limit);

    /// Returns the new row, of a session that has a connection.
    Result<std::int64_t> insert(const PidHash& pid);
    /// Its connection went away at `at`; kConnected: it has one.
    Result<void> setDropped(std::int64_t row, UnixMillis at);
    /// Every session that is said to have a connection has dropped at `at`.
    Result<void> allDropped(UnixMillis at);
    Result<void> remove(std::int64_t row);
    /// Subscribes; who is in the room already keeps their `since`.
    Result<void> join(std::int64_t row, const Identity& identity, Position since);
    /// Ends that, and forgets what the session caused there. Returns how much that was.
    Result<int> leave(std::int64_t row, ConversationKey room);
    /// A removal: ends the user's subscriptions to the room, of all sessions. Each session keeps
    /// `keptMax` ended ones and one more, which says that there may have been others.
    Result<void> endAll(ConversationKey room, UserKey user, Position until, std::size_t keptMax);
    /// Forgets the session's ended subscriptions up to `received`.
    Result<void> forgetEnded(std::int64_t row, Position received);
    Result<void> setDashboard(std::int64_t row, std::optional<Position> since);
    Result<void> addOwn(std::int64_t row, ConversationKey room, Position position);
    Result<void> forgetOwn(std::int64_t row, Position upTo);

private:
    Result<std::int64_t> number(SQLite::Statement& statement);

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
