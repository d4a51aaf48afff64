#include <parley/core/try.h>
#include <parley/log/read/message_places.h>
#include <parley/projection/active_conversations.h>

#include <algorithm>

namespace parley {
namespace {

constexpr std::int64_t kChunkEvents = 4096;

}  // namespace

Result<void> ActiveConversations::catchUp(Database& db, Position head) {
    const std::lock_guard lock(mutex_);
    if (head.value - reached_.value > limits_.events) {
        byPlace_.clear();
        places_.clear();
        reached_ = completeAfter_ = head;
    }
    PARLEY_TRY(readOn(db, head));
    return readBack(db);
}

Result<void> ActiveConversations::readOn(Database& db, Position head) {
    while (reached_ < head) {
        const Position end{std::min(head.value, reached_.value + kChunkEvents)};
        PARLEY_TRY(messagePlaces(db, reached_, end, PlaceOrder::oldestFirst,
                                 [&](const MessagePlace& place) {
                                     note(place);
                                     return true;
                                 }));
        reached_ = end;
    }
    return {};
}

// Only until as much was read as one call may look at: from then on the list grows at its head.
Result<void> ActiveConversations::readBack(Database& db) {
    while (completeAfter_.value > 0 && places_.size() < limits_.conversations &&
           reached_.value - completeAfter_.value < limits_.events) {
        const Position end{std::max({std::int64_t{0}, completeAfter_.value - kChunkEvents,
                                     reached_.value - limits_.events})};
        PARLEY_TRY(messagePlaces(db, end, completeAfter_, PlaceOrder::newestFirst,
                                 [&](const MessagePlace& place) { return noteOlder(place); }));
        if (places_.size() < limits_.conversations) completeAfter_ = end;
    }
    return {};
}

// False: the list is full.
bool ActiveConversations::noteOlder(const MessagePlace& place) {
    if (places_.size() == limits_.conversations) return false;
    if (places_.try_emplace(place.conversation, place.position).second) {
        byPlace_.emplace(place.position, place.conversation);
    }
    completeAfter_ = {place.position.value - 1};
    return true;
}

void ActiveConversations::note(const MessagePlace& place) {
    const auto [known, isNew] = places_.try_emplace(place.conversation, place.position);
    if (!isNew) {
        byPlace_.erase(known->second);
        known->second = std::max(known->second, place.position);
    }
    byPlace_.emplace(known->second, place.conversation);
    if (places_.size() > limits_.conversations) forgetOldest();
}

void ActiveConversations::forgetOldest() {
    const auto oldest = byPlace_.begin();
    completeAfter_ = std::max(completeAfter_, oldest->first);
    places_.erase(oldest->second);
    byPlace_.erase(oldest);
}

std::vector<MessagePlace> ActiveConversations::before(Position place, std::size_t most) const {
    const std::lock_guard lock(mutex_);
    std::vector<MessagePlace> entries;
    for (auto one = byPlace_.lower_bound(place);
         one != byPlace_.begin() && entries.size() < most;) {
        --one;
        if (one->first <= completeAfter_) break;
        entries.push_back({one->second, one->first});
    }
    return entries;
}

Position ActiveConversations::completeAfter() const {
    const std::lock_guard lock(mutex_);
    return completeAfter_;
}

}  // namespace parley
