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
}

}  // namespace parley
