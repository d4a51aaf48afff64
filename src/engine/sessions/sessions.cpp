#include "engine/sessions/sessions.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace parley {

// Not before the log's last time: a clock that was behind for a while would make the session look
// long gone afterwards.
UnixMillis Sessions::seenNow() const {
    return std::max(clock_.now(), unit_.head().at);
}

Result<void> Sessions::passed(Result<void> done) {
    return done ? std::move(done) : Result<void>(unit_.fail(done.error()));
}

void Sessions::open(ConnectionId connection, const PidHash& pid, const PrincipalPtr& owner) {
    live_.sessions.put(connection, {pid, {}, 0, owner});
}

// The row of a connection's session, made when first needed; none where the connection has no
// session.
Result<SessionRow> Sessions::rowOf(ConnectionId connection) {
    const auto* session = live_.sessions.find(connection);
    if (session == nullptr) return SessionRow{};
    PARLEY_TRY(unit_.begin());
    if (session->row) return session->row;
    HeldSession held = *session;
    auto row = stored_.add(held.pid, held.owner.get());
    if (!row) return unit_.fail(row.error());
    if (*row) {
        held.row = *row;
        live_.sessions.put(connection, held);
    } else {
        // There is no room for it, and it ends: stored later, it would lack what was subscribed to
        // before.
        live_.sessions.erase(connection);
    }
    return row;
}

Result<void> Sessions::join(ConnectionId connection, const Identity& identity) {
    PARLEY_TRY_ASSIGN(const auto row, rowOf(connection));
    if (!row) return {};
    return passed(rows_.join(row, identity, unit_.head().position));
}

Result<void> Sessions::leave(ConnectionId connection, ConversationKey room) {
    const auto* session = live_.sessions.find(connection);
    if (session == nullptr || !session->row) return {};
    HeldSession held = *session;
    PARLEY_TRY(unit_.begin());
    auto forgotten = rows_.leave(held.row, room);
    if (!forgotten) return unit_.fail(forgotten.error());
    held.own -= std::min(held.own, static_cast<std::size_t>(*forgotten));
    live_.sessions.put(connection, held);
    return {};
}

Result<void> Sessions::removeUser(ConversationKey room, UserKey user, Position position) {
    return passed(rows_.endAll(room, user, position, options_.roomsPerConnectionMax));
}

Result<void> Sessions::watchDashboard(ConnectionId connection, const WatchDashboard& dashboard) {
    const auto* session = live_.sessions.find(connection);
    if (session == nullptr || (!dashboard.watch && !session->row)) return {};
    PARLEY_TRY_ASSIGN(const auto row, rowOf(connection));
    if (!row) return {};
    return passed(rows_.setDashboard(row, dashboard, unit_.head().position));
}

// What a session caused before it was in the room is not replayed anyway.
Result<void> Sessions::noteOwn(ConnectionId connection, const Event& event) {
    const auto* session = live_.sessions.find(connection);
    if (session == nullptr || !session->row) return {};
    if (!live_.connections.find(connection, event.conversationKey)) return {};
    HeldSession held = *session;
    if (++held.own > 2 * options_.roomsPerConnectionMax) return end(connection);
    PARLEY_TRY(unit_.begin());
    PARLEY_TRY(passed(rows_.addOwn(held.row, event.conversationKey, event.position)));
    live_.sessions.put(connection, held);
    return {};
}

// The session's row goes, if it has one, and the connection has no session from here on.
Result<void> Sessions::end(ConnectionId connection) {
    if (const auto row = live_.sessions.find(connection)->row) {
        PARLEY_TRY(unit_.begin());
        PARLEY_TRY(passed(stored_.remove(row)));
    }
    live_.sessions.erase(connection);
    return {};
}

Result<void> Sessions::close(ConnectionId connection, bool sessionEnds) {
    if (live_.sessions.find(connection) == nullptr) return {};
    if (sessionEnds) return end(connection);
    if (!options_.gate) {
        live_.sessions.drop(connection, seenNow());
        return {};
    }
    // The next node that decides has the rows, and not this one's memory.
    if (const auto row = live_.sessions.find(connection)->row) {
        PARLEY_TRY(unit_.begin());
        PARLEY_TRY(passed(rows_.setDropped(row, seenNow())));
    }
    live_.sessions.erase(connection);
    return {};
}

void Sessions::noteCrash() {
    auto noted = rows_.allDropped(seenNow());
    if (!noted) logger().warn("session_drops_not_noted message=\"{}\"", noted.error().message);
}

}  // namespace parley
