#include "engine/state/connection_table.h"

#include <algorithm>

namespace parley {
namespace {

template <typename Rooms>
auto findRoom(Rooms& rooms, ConversationKey conversation) {
    return std::find_if(rooms.begin(), rooms.end(),
                        [&](const Identity& one) { return one.conversation == conversation; });
}

}  // namespace

const Identity* ConnectionTable::find(ConnectionId connection, ConversationKey conversation) const {
    const auto rooms = rooms_.find(connection);
    if (rooms == rooms_.end()) return nullptr;
    const auto room = findRoom(rooms->second, conversation);
    return room == rooms->second.end() ? nullptr : &*room;
}

std::size_t ConnectionTable::roomsOf(ConnectionId connection) const {
    const auto rooms = rooms_.find(connection);
    return rooms == rooms_.end() ? 0 : rooms->second.size();
}

std::vector<ConnectionId> ConnectionTable::of(ConversationKey conversation, UserKey user) const {
    std::vector<ConnectionId> connections;
    for (auto one = members_.lower_bound({conversation, user, {}});
         one != members_.end() && one->conversation == conversation && one->user == user; ++one) {
        connections.push_back(one->connection);
    }
    return connections;
}

ConnectionTable::Member ConnectionTable::memberOf(ConnectionId connection,
                                                  const Identity& identity) {
    return {identity.conversation, identity.userKey, connection};
}

void ConnectionTable::count(const Identity& identity, bool more) {
    if (!identity.watching) return;
    more ? ++watches_ : --watches_;
}

void ConnectionTable::remember(ConnectionId connection) {
    if (undo_.contains(connection)) return;
    const auto rooms = rooms_.find(connection);
    undo_.try_emplace(connection,
                      rooms == rooms_.end() ? std::nullopt : std::optional(rooms->second));
}

void ConnectionTable::join(ConnectionId connection, Identity identity) {
    remember(connection);
    auto& rooms = rooms_[connection];
    members_.insert(memberOf(connection, identity));
    count(identity, true);
    const auto known = findRoom(rooms, identity.conversation);
    if (known == rooms.end()) {
        rooms.push_back(std::move(identity));
    } else {
        count(*known, false);
        if (known->userKey != identity.userKey) members_.erase(memberOf(connection, *known));
        *known = std::move(identity);
    }
}

void ConnectionTable::leave(ConnectionId connection, ConversationKey conversation) {
    const auto rooms = rooms_.find(connection);
    if (rooms == rooms_.end()) return;
    const auto room = findRoom(rooms->second, conversation);
    if (room == rooms->second.end()) return;
    remember(connection);
    members_.erase(memberOf(connection, *room));
    count(*room, false);
    rooms->second.erase(room);
    if (rooms->second.empty()) rooms_.erase(rooms);
}

void ConnectionTable::close(ConnectionId connection) {
    remember(connection);
    erase(connection);
    followDashboard(connection, std::nullopt);
}

void ConnectionTable::replace(ConnectionId connection, Rooms rooms) {
    remember(connection);
    erase(connection);
    if (!rooms.empty()) put(connection, std::move(rooms));
}

std::vector<ConnectionId> ConnectionTable::between(ConnectionId first, ConnectionId last) const {
    std::set<ConnectionId> found;
    const auto add = [&](ConnectionId connection) {
        if (first <= connection && connection <= last) found.insert(connection);
    };
    for (const auto& entry : rooms_) add(entry.first);
    for (const auto& entry : dashboards_) add(entry.first);
    return {found.begin(), found.end()};
}

const PresentUser* ConnectionTable::dashboardOf(ConnectionId connection) const {
    const auto known = dashboards_.find(connection);
    return known == dashboards_.end() ? nullptr : &known->second;
}

void ConnectionTable::followDashboard(ConnectionId connection,
                                      const std::optional<PresentUser>& as) {
    rememberDashboard(connection);
    if (as) {
        dashboards_.insert_or_assign(connection, *as);
    } else {
        dashboards_.erase(connection);
    }
}

void ConnectionTable::rememberDashboard(ConnectionId connection) {
    const auto known = dashboards_.find(connection);
    undoDashboards_.try_emplace(
        connection, known == dashboards_.end() ? std::nullopt : std::optional(known->second));
}

void ConnectionTable::name(ConversationKey conversation, const ConversationId& id) {
    if (presence_) presence_->name(conversation, id);
}

ConnectionPresence ConnectionTable::presenceOf(const Rooms* rooms, const PresentUser* dashboard) {
    ConnectionPresence presence;
    if (rooms) {
        for (const auto& room : *rooms) {
            const PresentUser user{room.user, room.role};
            presence.users.insert(user);
            if (room.watching) presence.watches.emplace(room.conversation, user);
        }
    }
    if (dashboard && (dashboard->user || presence.users.empty())) {
        presence.users.insert(*dashboard);
    }
    return presence;
}

// Both maps have what the changed connections were before this unit.
void ConnectionTable::tellPresence() {
    const auto tell = [this](ConnectionId connection) {
        const auto rooms = rooms_.find(connection);
        const auto dashboard = dashboards_.find(connection);
        const auto oldRooms = undo_.find(connection);
        const auto oldDashboard = undoDashboards_.find(connection);
        const Rooms* now = rooms == rooms_.end() ? nullptr : &rooms->second;
        const PresentUser* follows = dashboard == dashboards_.end() ? nullptr : &dashboard->second;
        const Rooms* before = now;
        if (oldRooms != undo_.end()) before = oldRooms->second ? &*oldRooms->second : nullptr;
        const PresentUser* followed = follows;
        if (oldDashboard != undoDashboards_.end()) {
            followed = oldDashboard->second ? &*oldDashboard->second : nullptr;
        }
        presence_->change(presenceOf(before, followed), presenceOf(now, follows));
    };
    for (const auto& [connection, rooms] : undo_) tell(connection);
    for (const auto& [connection, dashboard] : undoDashboards_) {
        if (!undo_.contains(connection)) tell(connection);
    }
}

// Of most units nothing is here: messages change neither.
void ConnectionTable::committed() {
    if (undo_.empty() && undoDashboards_.empty()) return;
    if (presence_) tellPresence();
    undo_.clear();
    undoDashboards_.clear();
}

void ConnectionTable::put(ConnectionId connection, Rooms rooms) {
    for (const auto& room : rooms) {
        members_.insert(memberOf(connection, room));
        count(room, true);
    }
    rooms_.insert_or_assign(connection, std::move(rooms));
}

void ConnectionTable::erase(ConnectionId connection) {
    const auto rooms = rooms_.find(connection);
    if (rooms == rooms_.end()) return;
    for (const auto& room : rooms->second) {
        members_.erase(memberOf(connection, room));
        count(room, false);
    }
    rooms_.erase(rooms);
}

void ConnectionTable::rolledBack() {
    for (auto& [connection, rooms] : undo_) {
        erase(connection);
        if (rooms) put(connection, std::move(*rooms));
    }
    undo_.clear();
    for (const auto& [connection, dashboard] : undoDashboards_) {
        if (dashboard) {
            dashboards_.insert_or_assign(connection, *dashboard);
        } else {
            dashboards_.erase(connection);
        }
    }
    undoDashboards_.clear();
}

}  // namespace parley
