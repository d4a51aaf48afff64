#include <parley/engine/presence.h>

#include <iterator>
#include <utility>

namespace parley {
namespace {

// Adds to a count, which goes with its last one.
template <typename Counts, typename Key>
void add(Counts& counts, const Key& key, int by) {
    auto& count = counts[key];
    count += by;
    if (count <= 0) counts.erase(key);
}

}  // namespace

void PresenceBoard::name(ConversationKey key, const ConversationId& id) {
    const std::lock_guard lock(mutex_);
    names_.insert_or_assign(key, id);
}

void PresenceBoard::addUser(const PresentUser& user, int by) {
    const bool was = users_.contains(user);
    add(users_, user, by);
    const auto role = user.role ? static_cast<std::size_t>(*user.role) - 1 : kUserRoles.size();
    byRole_[role] += static_cast<int>(users_.contains(user)) - static_cast<int>(was);
}

std::array<std::int64_t, kUserRoles.size() + 1> PresenceBoard::usersByRole() const {
    const std::lock_guard lock(mutex_);
    return byRole_;
}

void PresenceBoard::change(const ConnectionPresence& before, const ConnectionPresence& after) {
    if (before == after) return;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& user : before.users) {
            if (after.users.contains(user)) continue;
            addUser(user, -1);
            changedUsers_.insert(user);
        }
        for (const auto& user : after.users) {
            if (before.users.contains(user)) continue;
            addUser(user, 1);
            changedUsers_.insert(user);
        }
        for (const auto& [room, user] : before.watches) {
            if (after.watches.contains({room, user})) continue;
            add(watchers_[room], user, -1);
            changedRooms_.insert(room);
        }
        for (const auto& [room, user] : after.watches) {
            if (before.watches.contains({room, user})) continue;
            add(watchers_[room], user, 1);
            changedRooms_.insert(room);
        }
        ++version_;
        if (std::exchange(told_, true)) return;
    }
    if (tell_) tell_();
}

PresenceBoard::Watched PresenceBoard::watchedIn(ConversationKey key) const {
    const auto name = names_.find(key);
    Watched watched{name == names_.end() ? ConversationId() : name->second, {}};
    const auto room = watchers_.find(key);
    if (room == watchers_.end()) return watched;
    for (const auto& [user, count] : room->second) watched.users.push_back(user);
    return watched;
}

PresenceBoard::News PresenceBoard::all(std::size_t most) const {
    const std::lock_guard lock(mutex_);
    News news;
    news.version = version_;
    for (const auto& [user, connections] : users_) {
        if (news.users.size() == most) break;
        news.users.push_back({user, connections});
    }
    for (const auto& [room, users] : watchers_) {
        if (news.watchers.size() == most) break;
        if (!users.empty()) news.watchers.push_back(watchedIn(room));
    }
    news.more = users_.size() > most || watchers_.size() > most;
    return news;
}

PresenceBoard::News PresenceBoard::take(std::size_t most) {
    const std::lock_guard lock(mutex_);
    News news;
    news.version = version_;
    while (!changedUsers_.empty() && news.users.size() < most) {
        const auto user = changedUsers_.extract(changedUsers_.begin()).value();
        const auto known = users_.find(user);
        news.users.push_back({user, known == users_.end() ? 0 : known->second});
    }
    while (!changedRooms_.empty() && news.watchers.size() < most) {
        const auto room = changedRooms_.extract(changedRooms_.begin()).value();
        news.watchers.push_back(watchedIn(room));
        if (!news.watchers.back().users.empty()) continue;
        watchers_.erase(room);
        names_.erase(room);
    }
    news.more = !changedUsers_.empty() || !changedRooms_.empty();
    told_ = news.more;
    return news;
}

}  // namespace parley
