#include "engine/sessions/session_store.h"

#include "engine/sessions/optional_columns.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>

#include <algorithm>

namespace parley {
namespace {

template <typename... Numbers>
Result<void> execute(Database& db, SQLite::Statement& statement, Numbers... numbers) {
    return db.run([&] { parley::execute(statement, numbers...); });
}

template <typename Number>
std::vector<Number> allOf(const std::vector<std::int64_t>& values) {
    std::vector<Number> all;
    all.reserve(values.size());
    for (const auto value : values) all.push_back({value});
    return all;
}

void bindPid(SQLite::Statement& statement, const PidHash& pid) {
    statement.bind(1, pid.bytes.data(), static_cast<int>(pid.bytes.size()));
}

StoredRoom roomIn(SQLite::Statement& row) {
    StoredRoom room{
        {ConversationKey{row.getColumn(0).getInt64()},
         UserId::fromStored(row.getColumn(2).getString()), UserKey{row.getColumn(1).getInt64()},
         static_cast<UserRole>(row.getColumn(3).getInt())},
        Position{row.getColumn(4).getInt64()},
        {},
        ConversationId::fromStored(row.getColumn(6).getString())};
    room.identity.watching = row.getColumn(7).getInt() != 0;
    const auto until = row.getColumn(5);
    if (!until.isNull()) room.until = Position{until.getInt64()};
    return room;
}

}  // namespace

bool StoredSession::belongsTo(const Principal* principal) const {
    if (!principal || !user) return !principal && !user;
    if (*user != principal->user || actor != actorName(actorOf(*principal))) return false;
    if (dashboard && isBound(*principal)) return false;
    return std::none_of(rooms.begin(), rooms.end(), [&](const StoredRoom& room) {
        return isOutOfReach(*principal, room.conversation);
    });
}

SessionStore::SessionStore(Database& db)
    : db_(db),
      find_(db.sqlite(),
            "SELECT id, dropped_at, dashboard, user, actor, dashboard_user, dashboard_role,"
            " dashboard_presence FROM session WHERE pid_hash = ?"),
      rooms_(db.sqlite(),
             "SELECT r.conversation, r.user, coalesce(r.watcher, u.id), r.role, r.since, r.until,"
             " c.id, r.watching FROM session_room AS r LEFT JOIN user_key AS u ON u.key = r.user"
             " JOIN conversation_key AS c ON c.key = r.conversation WHERE r.session = ?"),
      own_(db.sqlite(),
           "SELECT position FROM session_own WHERE session = ? AND position > ? ORDER BY position"),
      ownUpTo_(db.sqlite(), "SELECT count(*) FROM session_own WHERE session = ? AND position <= ?"),
      count_(db.sqlite(), "SELECT count(*) FROM session"),
      droppedBefore_(db.sqlite(),
                     "SELECT id FROM session WHERE dropped_at < ? ORDER BY dropped_at LIMIT ?"),
      insert_(db.sqlite(),
              "INSERT INTO session (pid_hash, dropped_at, user, actor)"
              " VALUES (?1, ?2, nullif(?3, ''), nullif(?4, '')) RETURNING id"),
      setDropped_(db.sqlite(), "UPDATE session SET dropped_at = ?2 WHERE id = ?1"),
      allDropped_(db.sqlite(), "UPDATE session SET dropped_at = ?2 WHERE dropped_at = ?1"),
      remove_(db.sqlite(), "DELETE FROM session WHERE id = ?"),
      removeRooms_(db.sqlite(), "DELETE FROM session_room WHERE session = ?"),
      removeOwn_(db.sqlite(), "DELETE FROM session_own WHERE session = ?"),
      rejoin_(
          db.sqlite(),
          "UPDATE session_room SET user = ?3, role = ?4, watching = ?5,"
          " watcher = nullif(?6, '') WHERE session = ?1 AND conversation = ?2 AND until IS NULL"),
      join_(db.sqlite(),
            "INSERT INTO session_room (session, conversation, user, role, watching, watcher, since)"
            " VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, ''), ?7)"),
      leave_(db.sqlite(),
             "DELETE FROM session_room WHERE session = ? AND conversation = ? AND until IS NULL"),
      end_(db.sqlite(),
           "UPDATE session_room SET until = ?3"
           " WHERE conversation = ?1 AND user = ?2 AND until IS NULL RETURNING session"),
      trimEnded_(db.sqlite(),
                 "DELETE FROM session_room WHERE session = ?1 AND until <="
                 " (SELECT until FROM session_room WHERE session = ?1 AND until IS NOT NULL"
                 "  ORDER BY until DESC LIMIT 1 OFFSET ?2)"),
      forgetEnded_(db.sqlite(), "DELETE FROM session_room WHERE session = ? AND until <= ?"),
      leaveOwn_(db.sqlite(),
                "DELETE FROM session_own WHERE session = ?1 AND conversation = ?2 AND position >"
                " coalesce((SELECT max(until) FROM session_room"
                "           WHERE session = ?1 AND conversation = ?2), 0)"),
      dashboard_(db.sqlite(),
                 "UPDATE session SET dashboard = iif(?2 < 0, NULL, coalesce(dashboard, ?2)),"
                 " dashboard_presence = ?3, dashboard_role = nullif(?4, 0),"
                 " dashboard_user = nullif(?5, '') WHERE id = ?1"),
      addOwn_(db.sqlite(),
              "INSERT INTO session_own (session, conversation, position) VALUES (?, ?, ?)"
              " ON CONFLICT DO NOTHING"),
      forgetOwn_(db.sqlite(), "DELETE FROM session_own WHERE session = ? AND position <= ?") {}

Result<std::optional<StoredSession>> SessionStore::find(const PidHash& pid) {
    StatementReset guard(find_);
    StatementReset roomsGuard(rooms_);
    return db_.query([&] {
        std::optional<StoredSession> found;
        bindPid(find_, pid);
        if (!find_.executeStep()) return found;
        StoredSession& session = found.emplace();
        session.row = {find_.getColumn(0).getInt64()};
        session.droppedAt = {find_.getColumn(1).getInt64()};
        const auto dashboard = find_.getColumn(2);
        if (!dashboard.isNull()) session.dashboard = Position{dashboard.getInt64()};
        session.user = userIn(find_, 3);
        if (session.user) session.actor = find_.getColumn(4).getString();
        session.dashboardUser = {userIn(find_, 5), roleIn(find_, 6)};
        session.presence = find_.getColumn(7).getInt() != 0;
        rooms_.bind(1, session.row.value);
        while (rooms_.executeStep()) session.rooms.push_back(roomIn(rooms_));
        return found;
    });
}

Result<std::vector<Position>> SessionStore::ownAfter(SessionRow row, Position after) {
    return db_.query([&] { return allOf<Position>(numbersFrom(own_, row.value, after.value)); });
}

Result<std::int64_t> SessionStore::ownUpTo(SessionRow row, Position upTo) {
    return db_.query([&] { return numberFrom(ownUpTo_, row.value, upTo.value).value_or(0); });
}

Result<std::int64_t> SessionStore::count() {
    return db_.query([&] { return numberFrom(count_).value_or(0); });
}

Result<std::vector<SessionRow>> SessionStore::droppedBefore(UnixMillis before, int limit) {
    return db_.query(
        [&] { return allOf<SessionRow>(numbersFrom(droppedBefore_, before.value, limit)); });
}

Result<SessionRow> SessionStore::insert(const PidHash& pid, const Principal* owner) {
    StatementReset guard(insert_);
    return db_.query([&] {
        bindPid(insert_, pid);
        insert_.bind(2, kConnected.value);
        insert_.bind(3, owner ? owner->user.str() : std::string());
        insert_.bind(4, owner ? std::string(actorName(actorOf(*owner))) : std::string());
        return insert_.executeStep() ? SessionRow{insert_.getColumn(0).getInt64()} : SessionRow{};
    });
}

Result<void> SessionStore::setDropped(SessionRow row, UnixMillis at) {
    return execute(db_, setDropped_, row.value, at.value);
}

Result<void> SessionStore::allDropped(UnixMillis at) {
    return execute(db_, allDropped_, kConnected.value, at.value);
}

// What belongs to it goes with it by hand: foreign keys may be off, and its number comes again.
Result<void> SessionStore::remove(SessionRow row) {
    return db_.run([&] {
        for (auto* statement : {&removeRooms_, &removeOwn_, &remove_}) {
            parley::execute(*statement, row.value);
        }
    });
}

Result<void> SessionStore::join(SessionRow row, const Identity& identity, Position since) {
    return db_.run([&] {
        const auto bind = [&](SQLite::Statement& statement) {
            bindNumbers(statement, row.value, identity.conversation.value, identity.userKey.value,
                        static_cast<int>(identity.role), identity.watching ? 1 : 0);
            statement.bind(6, identity.watching ? identity.user.str() : std::string());
        };
        const StatementReset rejoined(rejoin_);
        bind(rejoin_);
        if (rejoin_.exec() > 0) return;
        const StatementReset joined(join_);
        bind(join_);
        join_.bind(7, since.value);
        join_.exec();
    });
}

Result<int> SessionStore::leave(SessionRow row, ConversationKey room) {
    PARLEY_TRY(execute(db_, leave_, row.value, room.value));
    PARLEY_TRY(execute(db_, leaveOwn_, row.value, room.value));
    return db_.sqlite().getChanges();
}

Result<void> SessionStore::endAll(ConversationKey room, UserKey user, Position until,
                                  std::size_t keptMax) {
    return db_.run([&] {
        for (const auto row : numbersFrom(end_, room.value, user.value, until.value)) {
            parley::execute(trimEnded_, row, keptMax + 1);
        }
    });
}

Result<void> SessionStore::forgetEnded(SessionRow row, Position received) {
    return execute(db_, forgetEnded_, row.value, received.value);
}

Result<void> SessionStore::setDashboard(SessionRow row, const WatchDashboard& dashboard,
                                        Position since) {
    return db_.run([&] {
        const StatementReset guard(dashboard_);
        bindNumbers(dashboard_, row.value, dashboard.watch ? since.value : -1,
                    dashboard.watch && dashboard.presence ? 1 : 0,
                    dashboard.role ? static_cast<int>(*dashboard.role) : 0);
        dashboard_.bind(5, dashboard.user ? dashboard.user->str() : std::string());
        dashboard_.exec();
    });
}

Result<void> SessionStore::addOwn(SessionRow row, ConversationKey room, Position position) {
    return execute(db_, addOwn_, row.value, room.value, position.value);
}

Result<void> SessionStore::forgetOwn(SessionRow row, Position upTo) {
    return execute(db_, forgetOwn_, row.value, upTo.value);
}

}  // namespace parley
