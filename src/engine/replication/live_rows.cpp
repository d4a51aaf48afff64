#include "engine/replication/live_rows.h"

#include "engine/replication/changeset.h"
#include "engine/sessions/optional_columns.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

namespace parley {
namespace {

std::int64_t numberOf(ConnectionId connection) {
    return static_cast<std::int64_t>(connection.value);
}

ConnectionId connectionIn(const std::string& text) {
    ConnectionId connection;
    std::from_chars(text.data(), text.data() + text.size(), connection.value);
    return connection;
}

bool sameRoom(const Identity& one, const Identity& other) {
    return one.user == other.user && one.userKey == other.userKey && one.role == other.role &&
           one.watching == other.watching;
}

void bindOptional(SQLite::Statement& row, int index, const std::optional<UserId>& user) {
    user ? row.bind(index, user->str()) : row.bind(index);
}

void bindOptional(SQLite::Statement& row, int index, const std::optional<UserRole>& role) {
    role ? row.bind(index, static_cast<int>(*role)) : row.bind(index);
}

void bindSession(SQLite::Statement& row, const HeldSession& held) {
    row.bind(5, held.pid.bytes.data(), static_cast<int>(held.pid.bytes.size()));
    held.row ? row.bind(6, held.row.value) : row.bind(6);
    row.bind(7, static_cast<std::int64_t>(held.own));
    if (!held.owner) return;
    row.bind(8, held.owner->user.str());
    row.bind(9, static_cast<int>(held.owner->kind));
    bindOptional(row, 10, held.owner->role);
}

HeldSession sessionIn(SQLite::Statement& row) {
    HeldSession held;
    const auto pid = row.getColumn(3);
    std::memcpy(held.pid.bytes.data(), pid.getBlob(),
                std::min(held.pid.bytes.size(), static_cast<std::size_t>(pid.getBytes())));
    held.row = {row.getColumn(4).getInt64()};  // NULL reads as 0
    held.own = static_cast<std::size_t>(row.getColumn(5).getInt64());
    if (!row.getColumn(6).isNull()) {
        auto owner = std::make_shared<Principal>();
        owner->user = UserId::fromStored(row.getColumn(6).getString());
        owner->kind = static_cast<PrincipalKind>(row.getColumn(7).getInt());
        owner->role = roleIn(row, 8);
        held.owner = std::move(owner);
    }
    return held;
}

}  // namespace

LiveRows::LiveRows(Database& db, LiveState& live)
    : db_(db),
      live_(live),
      putRoom_(db.sqlite(),
               "INSERT INTO live_room VALUES (?1, ?2, ?6, ?3, ?4, ?5)"
               " ON CONFLICT DO UPDATE SET user = ?6, user_key = ?3, role = ?4, watching = ?5"),
      removeRoom_(db.sqlite(), "DELETE FROM live_room WHERE connection = ? AND conversation = ?"),
      rooms_(db.sqlite(),
             "SELECT r.conversation, r.user, r.user_key, r.role, r.watching, c.id"
             " FROM live_room AS r JOIN conversation_key AS c ON c.key = r.conversation"
             " WHERE r.connection = ?"),
      putConnection_(db.sqlite(),
                     "INSERT INTO live_connection VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                     " ON CONFLICT DO UPDATE SET follows = ?2, dashboard_user = ?3,"
                     " dashboard_role = ?4, pid_hash = ?5, session = ?6, own = ?7, owner = ?8,"
                     " owner_kind = ?9, owner_role = ?10"),
      removeConnection_(db.sqlite(), "DELETE FROM live_connection WHERE connection = ?"),
      connection_(db.sqlite(),
                  "SELECT follows, dashboard_user, dashboard_role, pid_hash, session, own, owner,"
                  " owner_kind, owner_role FROM live_connection WHERE connection = ?"),
      putTyping_(db.sqlite(),
                 "INSERT INTO live_typing VALUES (?1, ?2, ?3)"
                 " ON CONFLICT DO UPDATE SET connection = ?3"),
      removeTyping_(db.sqlite(), "DELETE FROM live_typing WHERE conversation = ? AND user = ?"),
      typing_(db.sqlite(),
              "SELECT connection FROM live_typing WHERE conversation = ? AND user = ?") {}

bool LiveRows::isChanged() const {
    return live_.connections.isChanged() || live_.sessions.isChanged() || live_.typing.isChanged();
}

Result<void> LiveRows::write() {
    if (!isChanged()) return {};
    return db_.run([&] {
        std::set<ConnectionId> changed;
        const auto note = [&](ConnectionId connection) { changed.insert(connection); };
        live_.connections.eachDashboardChange(note);
        live_.sessions.eachChange(note);
        for (const auto connection : changed) writeConnection(connection);
        live_.connections.eachChange(
            [&](ConnectionId connection, const Rooms* before, const Rooms* now) {
                writeRooms(connection, before, now);
            });
        live_.typing.eachChange(
            [&](const ConversationId& conversation, const UserId& user, ConnectionId connection) {
                writeTyping(conversation, user, connection);
            });
    });
}

void LiveRows::writeRooms(ConnectionId connection, const Rooms* before, const Rooms* now) {
    std::unordered_map<ConversationKey, const Identity*> left;
    if (before) {
        for (const auto& room : *before) left.emplace(room.conversation, &room);
    }
    if (now) {
        for (const auto& room : *now) {
            const auto known = left.find(room.conversation);
            const bool isSame = known != left.end() && sameRoom(*known->second, room);
            if (known != left.end()) left.erase(known);
            if (!isSame) putRoom(connection, room);
        }
    }
    for (const auto& [conversation, room] : left) {
        execute(removeRoom_, numberOf(connection), conversation.value);
    }
}

void LiveRows::putRoom(ConnectionId connection, const Identity& room) {
    const StatementReset guard(putRoom_);
    bindNumbers(putRoom_, numberOf(connection), room.conversation.value, room.userKey.value,
                static_cast<int>(room.role), room.watching ? 1 : 0);
    putRoom_.bind(6, room.user.str());
    putRoom_.exec();
}

void LiveRows::writeConnection(ConnectionId connection) {
    const auto* dashboard = live_.connections.dashboardOf(connection);
    const auto* held = live_.sessions.find(connection);
    if (!dashboard && !held) return execute(removeConnection_, numberOf(connection));
    const StatementReset guard(putConnection_);
    putConnection_.clearBindings();
    bindNumbers(putConnection_, numberOf(connection), dashboard ? 1 : 0);
    bindOptional(putConnection_, 3, dashboard ? dashboard->user : std::nullopt);
    bindOptional(putConnection_, 4, dashboard ? dashboard->role : std::nullopt);
    putConnection_.bind(7, 0);
    if (held) bindSession(putConnection_, *held);
    putConnection_.exec();
}

void LiveRows::writeTyping(const ConversationId& conversation, const UserId& user,
                           ConnectionId connection) {
    auto& statement = connection ? putTyping_ : removeTyping_;
    const StatementReset guard(statement);
    statement.bind(1, conversation.str());
    statement.bind(2, user.str());
    if (connection) statement.bind(3, numberOf(connection));
    statement.exec();
}

// A session goes from one connection to another in one unit: it is taken from all before it is
// given to any.
Result<void> LiveRows::read(std::string_view changes) {
    std::set<ConnectionId> rooms;
    std::set<ConnectionId> connections;
    std::set<std::pair<std::string, std::string>> typing;
    PARLEY_TRY(eachChangedRow(changes, [&](const ChangedRow& row) {
        if (row.table == "live_room") rooms.insert(connectionIn(row.first));
        if (row.table == "live_connection") connections.insert(connectionIn(row.first));
        if (row.table == "live_typing") typing.emplace(row.first, row.second);
    }));
    return db_.run([&] {
        for (const auto connection : connections) dropConnection(connection);
        for (const auto connection : connections) readConnection(connection);
        for (const auto connection : rooms) readRooms(connection);
        for (const auto& [conversation, user] : typing) readTyping(conversation, user);
    });
}

Result<void> LiveRows::readAll() {
    return db_.run([&] {
        const auto all = [&](const char* sql) {
            SQLite::Statement statement(db_.sqlite(), sql);
            return numbersFrom(statement);
        };
        for (const auto number : all("SELECT connection FROM live_connection")) {
            readConnection({static_cast<std::uint64_t>(number)});
        }
        for (const auto number : all("SELECT DISTINCT connection FROM live_room")) {
            readRooms({static_cast<std::uint64_t>(number)});
        }
        SQLite::Statement typing(db_.sqlite(), "SELECT conversation, user FROM live_typing");
        while (typing.executeStep()) {
            readTyping(typing.getColumn(0).getString(), typing.getColumn(1).getString());
        }
    });
}

void LiveRows::readRooms(ConnectionId connection) {
    const StatementReset guard(rooms_);
    bindNumbers(rooms_, numberOf(connection));
    Rooms rooms;
    while (rooms_.executeStep()) {
        Identity room{ConversationKey{rooms_.getColumn(0).getInt64()},
                      UserId::fromStored(rooms_.getColumn(1).getString()),
                      UserKey{rooms_.getColumn(2).getInt64()},
                      static_cast<UserRole>(rooms_.getColumn(3).getInt())};
        room.watching = rooms_.getColumn(4).getInt() != 0;
        if (room.watching) {
            live_.connections.name(room.conversation,
                                   ConversationId::fromStored(rooms_.getColumn(5).getString()));
        }
        rooms.push_back(std::move(room));
    }
    live_.connections.replace(connection, std::move(rooms));
}

void LiveRows::dropConnection(ConnectionId connection) {
    live_.sessions.erase(connection);
    live_.connections.followDashboard(connection, std::nullopt);
}

void LiveRows::readConnection(ConnectionId connection) {
    const StatementReset guard(connection_);
    bindNumbers(connection_, numberOf(connection));
    if (!connection_.executeStep()) return;
    if (connection_.getColumn(0).getInt() != 0) {
        live_.connections.followDashboard(
            connection, PresentUser{userIn(connection_, 1), roleIn(connection_, 2)});
    }
    if (!connection_.getColumn(3).isNull()) {
        live_.sessions.put(connection, sessionIn(connection_));
    }
}

void LiveRows::readTyping(const std::string& conversation, const std::string& user) {
    const StatementReset guard(typing_);
    typing_.bind(1, conversation);
    typing_.bind(2, user);
    auto conversationId = ConversationId::fromStored(conversation);
    auto userId = UserId::fromStored(user);
    if (!typing_.executeStep()) return live_.typing.stopped(conversationId, userId);
    live_.typing.started({std::move(conversationId),
                          std::move(userId),
                          {static_cast<std::uint64_t>(typing_.getColumn(0).getInt64())}});
}

}  // namespace parley
