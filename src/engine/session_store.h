#pragma once

#include "engine/connection_table.h"

#include <parley/core/clock.h>
#include <parley/engine/request.h>
#include <parley/log/database.h>

#include <optional>
#include <vector>

namespace parley {

/// A subscription of a session, as stored.
struct StoredRoom {
    Identity identity;
    Position since;
    std::optional<Position> until;  ///< of the removal that ended it
};

/// A session as stored.
struct StoredSession {
    std::int64_t row = 0;
    UnixMillis seenAt;
    std::optional<Position> dashboard;  ///< since when it is watched
    std::vector<StoredRoom> rooms;
};

/// The sessions' rows (migrations/0002_session.sql), on the writer's connection. What writes is
/// called within the batch's transaction.
class SessionStore {
public:
    explicit SessionStore(Database& db);

    Result<std::optional<StoredSession>> find(const PidHash& pid);
    /// The session's own events after `after`: broadcasts "without the sender" that it caused.
    Result<std::vector<Position>> ownAfter(std::int64_t row, Position after);
    Result<std::int64_t> count();
    /// Sessions not seen since `before`, the longest unseen first.
    Result<std::vector<std::int64_t>> unseenSince(UnixMillis before, int limit);

    /// Returns the new row.
    Result<std::int64_t> insert(const PidHash& pid, UnixMillis seenAt);
    Result<void> seen(std::int64_t row, UnixMillis at);
    Result<void> remove(std::int64_t row);
    /// Subscribes; who is in the room already keeps their `since`.
    Result<void> join(std::int64_t row, const Identity& identity, Position since);
    Result<void> leave(std::int64_t row, ConversationKey room);
    /// A removal: ends the user's subscriptions to the room, of all sessions. Each session keeps
    /// `keptMax` ended ones and one more, which says that there may have been others.
    Result<void> endAll(ConversationKey room, UserKey user, Position until, std::size_t keptMax);
    /// Forgets the session's ended subscriptions up to `received`.
    Result<void> forgetEnded(std::int64_t row, Position received);
    Result<void> setDashboard(std::int64_t row, std::optional<Position> since);
    Result<void> addOwn(std::int64_t row, Position position);

private:
    Database& db_;
    SQLite::Statement find_;
    SQLite::Statement rooms_;
    SQLite::Statement own_;
    SQLite::Statement count_;
    SQLite::Statement unseen_;
    SQLite::Statement insert_;
    SQLite::Statement seen_;
    SQLite::Statement remove_;
    SQLite::Statement removeRooms_;
    SQLite::Statement removeOwn_;
    SQLite::Statement rejoin_;
    SQLite::Statement join_;
    SQLite::Statement leave_;
    SQLite::Statement end_;
    SQLite::Statement trimEnded_;
    SQLite::Statement forgetEnded_;
    SQLite::Statement dashboard_;
    SQLite::Statement addOwn_;
};

}  // namespace parley
