#include "engine/session_store.h"

#include <parley/log/statement_reset.h>

namespace parley {
namespace {

template <typename... Numbers>
Result<void> execute(Database& db, SQLite::Statement& statement, Numbers... numbers) {
    StatementReset guard(statement);
    return db.run([&] {
        int index = 0;
        (statement.bind(++index, static_cast<std::int64_t>(numbers)), ...);
        statement.exec();
    });
}

void bindPid(SQLite::Statement& statement, const PidHash& pid) {
    statement.bind(1, pid.data(), static_cast<int>(pid.size()));
}

}  // namespace

SessionStore::SessionStore(Database& db)
    : db_(db),
      find_(db.sqlite(), "SELECT id, seen_at, dashboard FROM session WHERE pid_hash = ?"),
      rooms_(db.sqlite(),
             "SELECT r.conversation, r.user, u.id, r.role, r.since FROM session_room AS r"
             " JOIN user_key AS u ON u.key = r.user WHERE r.session = ?"),
      own_(db.sqlite(),
           "SELECT position FROM session_own WHERE session = ? AND position > ? ORDER BY position"),
      count_(db.sqlite(), "SELECT count(*) FROM session"),
      unseen_(db.sqlite(), "SELECT id FROM session WHERE seen_at < ? ORDER BY seen_at LIMIT ?"),
      insert_(db.sqlite(), "INSERT INTO session (pid_hash, seen_at) VALUES (?, ?) RETURNING id"),
      seen_(db.sqlite(), "UPDATE session SET seen_at = ?2 WHERE id = ?1"),
      remove_(db.sqlite(), "DELETE FROM session WHERE id = ?"),
      removeRooms_(db.sqlite(), "DELETE FROM session_room WHERE session = ?"),
      removeOwn_(db.sqlite(), "DELETE FROM session_own WHERE session = ?"),
      join_(db.sqlite(),
            "INSERT INTO session_room VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT DO UPDATE SET user = excluded.user, role = excluded.role"),
      leave_(db.sqlite(), "DELETE FROM session_room WHERE session = ? AND conversation = ?"),
      dashboard_(db.sqlite(),
                 "UPDATE session SET dashboard = iif(?2 < 0, NULL, coalesce(dashboard, ?2))"
                 " WHERE id = ?1"),
      addOwn_(db.sqlite(), "INSERT OR IGNORE INTO session_own VALUES (?, ?)") {}

Result<std::optional<StoredSession>> SessionStore::find(const PidHash& pid) {
    std::optional<StoredSession> found;
    StatementReset guard(find_);
    StatementReset roomsGuard(rooms_);
    auto done = db_.run([&] {
        bindPid(find_, pid);
        if (!find_.executeStep()) return;
        StoredSession& session = found.emplace();
        session.row = find_.getColumn(0).getInt64();
        session.seenAt = {find_.getColumn(1).getInt64()};
        const auto dashboard = find_.getColumn(2);
        if (!dashboard.isNull()) session.dashboard = Position{dashboard.getInt64()};
        rooms_.bind(1, session.row);
        while (rooms_.executeStep()) {
            session.rooms.push_back({{ConversationKey{rooms_.getColumn(0).getInt64()},
                                      UserId::fromStored(rooms_.getColumn(2).getString()),
                                      static_cast<UserRole>(rooms_.getColumn(3).getInt())},
                                     UserKey{rooms_.getColumn(1).getInt64()},
                                     Position{rooms_.getColumn(4).getInt64()}});
        }
    });
    if (!done) return done.error();
    return found;
}

Result<std::vector<Position>> SessionStore::ownAfter(std::int64_t row, Position after) {
    std::vector<Position> positions;
    StatementReset guard(own_);
    auto done = db_.run([&] {
        own_.bind(1, row);
        own_.bind(2, after.value);
        while (own_.executeStep()) positions.push_back({own_.getColumn(0).getInt64()});
    });
    if (!done) return done.error();
    return positions;
}

Result<std::int64_t> SessionStore::count() {
    std::int64_t count = 0;
    StatementReset guard(count_);
    auto done = db_.run([&] {
        if (count_.executeStep()) count = count_.getColumn(0).getInt64();
    });
    if (!done) return done.error();
    return count;
}

Result<std::vector<std::int64_t>> SessionStore::unseenSince(UnixMillis before, int limit) {
    std::vector<std::int64_t> rows;
    StatementReset guard(unseen_);
    auto done = db_.run([&] {
        unseen_.bind(1, before.value);
        unseen_.bind(2, limit);
        while (unseen_.executeStep()) rows.push_back(unseen_.getColumn(0).getInt64());
    });
    if (!done) return done.error();
    return rows;
}

Result<std::int64_t> SessionStore::insert(const PidHash& pid, UnixMillis seenAt) {
    std::int64_t row = 0;
    StatementReset guard(insert_);
    auto done = db_.run([&] {
        bindPid(insert_, pid);
        insert_.bind(2, seenAt.value);
        if (insert_.executeStep()) row = insert_.getColumn(0).getInt64();
    });
    if (!done) return done.error();
    return row;
}

Result<void> SessionStore::seen(std::int64_t row, UnixMillis at) {
    return execute(db_, seen_, row, at.value);
}

// What belongs to it goes with it by hand: foreign keys may be off, and its number comes again.
Result<void> SessionStore::remove(std::int64_t row) {
    for (auto* statement : {&removeRooms_, &removeOwn_, &remove_}) {
        if (auto removed = execute(db_, *statement, row); !removed) return removed;
    }
    return {};
}

Result<void> SessionStore::join(std::int64_t row, const StoredRoom& room) {
    return execute(db_, join_, row, room.identity.conversation.value, room.userKey.value,
                   static_cast<int>(room.identity.role), room.since.value);
}

Result<void> SessionStore::leave(std::int64_t row, ConversationKey room) {
    return execute(db_, leave_, row, room.value);
}

Result<void> SessionStore::setDashboard(std::int64_t row, std::optional<Position> since) {
    return execute(db_, dashboard_, row, since ? since->value : -1);
}

Result<void> SessionStore::addOwn(std::int64_t row, Position position) {
    return execute(db_, addOwn_, row, position.value);
}

}  // namespace parley
