#pragma once

#include "engine/state/live_state.h"

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// Keeps the tables of living connections, their sessions and their typing as rows, too, which the
/// nodes of a cluster share: the one that decides writes them, the others read them again. Writer's
/// thread only; everything is part of the unit of work.
class LiveRows {
public:
    /// The references outlive it. Throws SQLite::Exception: construct inside Database::run.
    LiveRows(Database& db, LiveState& live);

    /// Whether the unit may have changed what has rows.
    bool isChanged() const;
    /// Writes the rows of what the unit has changed in memory. REQUIRES: its transaction is open.
    Result<void> write();
    /// Puts into memory what a changeset has changed in the rows.
    Result<void> read(std::string_view changes);
    /// Puts all rows into memory, which holds nothing yet: what it was when the process ended.
    Result<void> readAll();

private:
    using Rooms = ConnectionTable::Rooms;
    void writeRooms(ConnectionId connection, const Rooms* before, const Rooms* now);
    void putRoom(ConnectionId connection, const Identity& room);
    void writeConnection(ConnectionId connection);
    void writeTyping(const ConversationId& conversation, const UserId& user,
                     ConnectionId connection);
    void readRooms(ConnectionId connection);
    void dropConnection(ConnectionId connection);
    void readConnection(ConnectionId connection);
    void readTyping(const std::string& conversation, const std::string& user);

    Database& db_;
    LiveState& live_;
    SQLite::Statement putRoom_;
    SQLite::Statement removeRoom_;
    SQLite::Statement rooms_;
    SQLite::Statement putConnection_;
    SQLite::Statement removeConnection_;
    SQLite::Statement connection_;
    SQLite::Statement putTyping_;
    SQLite::Statement removeTyping_;
    SQLite::Statement typing_;
};

}  // namespace parley
