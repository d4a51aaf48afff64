#pragma once

#include "engine/sessions/stored_sessions.h"
#include "engine/state/live_state.h"

#include <parley/domain/event.h>
#include <parley/engine/options.h>

namespace parley {

/// The sessions of living connections: what a connection subscribes to is stored with its session,
/// so that it can be resumed. A session's row is made when it first subscribes. Writer's thread
/// only; everything is part of the unit of work, and an error fails it.
class Sessions {
public:
    /// The references outlive it.
    Sessions(const EngineOptions& options, const Clock& clock, UnitOfWork& unit, LiveState& live,
             SessionStore& rows, StoredSessions& stored)
        : options_(options),
          clock_(clock),
          unit_(unit),
          live_(live),
          rows_(rows),
          stored_(stored) {}

    /// A connection of `owner` was given a pid.
    void open(ConnectionId connection, const PidHash& pid, const PrincipalPtr& owner);
    /// A connection went away. Where its session does not end, it can be resumed.
    Result<void> close(ConnectionId connection, bool sessionEnds);

    Result<void> join(ConnectionId connection, const Identity& identity);
    Result<void> leave(ConnectionId connection, ConversationKey room);
    /// A user was removed at `position`: ends what all sessions of theirs receive of the room.
    Result<void> removeUser(ConversationKey room, UserKey user, Position position);
    Result<void> watchDashboard(ConnectionId connection, const WatchDashboard& dashboard);

    /// An event that the wire tells without its sender: a replay must leave it out too, and the log
    /// does not know from which connection an event came. REQUIRES: the event is appended.
    Result<void> noteOwn(ConnectionId connection, const Event& event);

    /// Sessions that a crash left with a connection have dropped. On a full disk that is not noted.
    void noteCrash();

private:
    UnixMillis seenNow() const;
    Result<SessionRow> rowOf(ConnectionId connection);
    Result<void> end(ConnectionId connection);
    Result<void> passed(Result<void> done);

    const EngineOptions& options_;
    const Clock& clock_;
    UnitOfWork& unit_;
    LiveState& live_;
    SessionStore& rows_;
    StoredSessions& stored_;
};

}  // namespace parley
