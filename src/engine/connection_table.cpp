#include "engine/connection_table.h"

#include <algorithm>

namespace parley {
namespace {

template <typename Rooms>
auto findRoom(Rooms& rooms, ConversationKey conversation) {
    return std::find_if(rooms.begin(), rooms.end(),
                        [&](const Identity& one) { return one.conversation == conversation; });
}

}  // namespace

const Identity* ConnectionTable::find(std::uint64_t connection,
                                      ConversationKey conversation) const {
    const auto rooms = rooms_.find(connection);
    if (rooms == rooms_.end()) return nullptr;
    const auto room = findRoom(rooms->second, conversation);
    return room == rooms->second.end() ? nullptr : &*room;
}

std::size_t ConnectionTable::roomsOf(std::uint64_t connection) const {
    const auto rooms = rooms_.find(connection);
    return rooms == rooms_.end() ? 0 : rooms->second.size();
}

void ConnectionTable::remember(std::uint64_t connection) {
    if (undo_.contains(connection)) return;
    const auto rooms = rooms_.find(connection);
    undo_.try_emplace(connection,
                      rooms == rooms_.end() ? std::nullopt : std::optional(rooms->second));
}

void ConnectionTable::join(std::uint64_t connection, Identity identity) {
    remember(connection);
    auto& rooms = rooms_[connection];
    const auto known = findRoom(rooms, identity.conversation);
    if (known == rooms.end()) {
        rooms.push_back(std::move(identity));
    } else {
        *known = std::move(identity);
    }
}

void ConnectionTable::leave(std::uint64_t connection, ConversationKey conversation) {
    const auto rooms = rooms_.find(connection);
    if (rooms == rooms_.end()) return;
    remember(connection);
    std::erase_if(rooms->second, [&](const auto& one) { return one.conversation == conversation; });
    if (rooms->second.empty()) rooms_.erase(rooms);
}

void ConnectionTable::close(std::uint64_t connection) {
    remember(connection);
    rooms_.erase(connection);
}

void ConnectionTable::rolledBack() {
    for (auto& [connection, rooms] : undo_) {
        if (rooms) {
            rooms_[connection] = std::move(*rooms);
        } else {
            rooms_.erase(connection);
        }
    }
    undo_.clear();
}

}  // namespace parley
