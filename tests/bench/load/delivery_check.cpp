#include "delivery_check.h"

#include <algorithm>
#include <utility>

namespace parley::bench {
namespace {

std::string place(std::size_t room, std::size_t member) {
    return "room " + std::to_string(room) + ", member " + std::to_string(member);
}

}  // namespace

DeliveryCheck::DeliveryCheck(std::size_t rooms, std::size_t membersPerRoom,
                             std::size_t sendersPerRoom)
    : rooms_(rooms), membersPerRoom_(membersPerRoom) {
    for (Room& room : rooms_) {
        room.memberNext.resize(membersPerRoom);
        room.senderNext.resize(sendersPerRoom);
        room.acknowledged.resize(sendersPerRoom);
    }
}

std::optional<Ident> DeliveryCheck::deliver(std::size_t roomIndex, std::size_t member,
                                            std::string_view json) {
    if (broken()) {
        watchForLate(roomIndex, member, json);
        return std::nullopt;
    }
    ++deliveries_;
    Room& room = rooms_[roomIndex];
    const std::uint64_t next = room.memberNext[member];
    if (next == room.total()) return first(roomIndex, member, json);
    const Entry& expected = room.order[next - room.base];
    if (json != expected.json) return differs(roomIndex, member, json);
    const Ident ident = expected.ident;
    seen(room, member);
    return ident;
}

std::optional<Ident> DeliveryCheck::first(std::size_t roomIndex, std::size_t member,
                                          std::string_view json) {
    Room& room = rooms_[roomIndex];
    const std::optional<Ident> ident = findIdent(json);
    if (!ident) {
        fail(place(roomIndex, member) + ": altered or unknown content in " +
             std::string(json.substr(0, 400)));
        return std::nullopt;
    }
    if (ident->room != roomIndex || ident->sender >= room.senderNext.size()) {
        fail(place(roomIndex, member) + ": got " + describe(*ident) + ", which belongs elsewhere");
        return std::nullopt;
    }
    const std::uint32_t expected = room.senderNext[ident->sender];
    if (ident->number < expected) {
        fail(place(roomIndex, member) + ": got " + describe(*ident) + " twice");
        return std::nullopt;
    }
    if (ident->number > expected) {
        suspect(roomIndex, member, {ident->room, ident->sender, expected}, describe(*ident));
        return std::nullopt;
    }
    if (const auto seq = findNumber(json, "\"seq\":")) {
        if (*seq <= room.lastSeq) {
            fail(place(roomIndex, member) + ": " + describe(*ident) + " has seq " +
                 std::to_string(*seq) + " after " + std::to_string(room.lastSeq));
            return std::nullopt;
        }
        room.lastSeq = *seq;
    }
    room.senderNext[ident->sender] = expected + 1;
    room.order.push_back({std::string(json), *ident, 0});
    seen(room, member);
    return ident;
}

/// A copy with other bytes than the first one. This is allowed if it is the same message.
std::optional<Ident> DeliveryCheck::differs(std::size_t roomIndex, std::size_t member,
                                            std::string_view json) {
    Room& room = rooms_[roomIndex];
    const auto waiting =
        room.order.begin() + static_cast<std::ptrdiff_t>(room.memberNext[member] - room.base);
    const std::optional<Ident> ident = findIdent(json);
    if (!ident) {
        fail(place(roomIndex, member) + ": altered or unknown content in " +
             std::string(json.substr(0, 400)));
        return std::nullopt;
    }
    if (ident->room != roomIndex || ident->sender >= room.senderNext.size()) {
        fail(place(roomIndex, member) + ": got " + describe(*ident) + ", which belongs elsewhere");
        return std::nullopt;
    }
    if (*ident == waiting->ident) {
        seen(room, member);
        return ident;
    }
    // The numbers of one sender only increase in the room's order, so this member has seen all
    // numbers that are smaller than the first one still ahead of it.
    const auto ahead = std::find_if(waiting, room.order.end(), [&](const Entry& entry) {
        return entry.ident.sender == ident->sender;
    });
    const std::uint32_t unseenFrom =
        ahead == room.order.end() ? room.senderNext[ident->sender] : ahead->ident.number;
    if (ident->number < unseenFrom) {
        fail(place(roomIndex, member) + ": got " + describe(*ident) + " twice");
    } else {
        suspect(roomIndex, member, waiting->ident, describe(*ident));
    }
    return std::nullopt;
}

void DeliveryCheck::acknowledge(std::size_t member, const Ident& ident) {
    Room& room = rooms_[ident.room];
    ++room.acknowledged[ident.sender];
    if (broken()) return;
    // If the member has own messages ahead, it has not seen these.
    bool shown = ident.number < room.senderNext[ident.sender];
    for (std::uint64_t i = room.memberNext[member]; shown && i < room.total(); ++i) {
        shown = room.order[i - room.base].ident != ident;
    }
    if (!shown) suspect(ident.room, member, ident, "its acknowledgement");
}

void DeliveryCheck::watchForLate(std::size_t room, std::size_t member, std::string_view json) {
    if (!suspicion_ || suspicion_->room != room || suspicion_->member != member) return;
    if (findIdent(json) == suspicion_->missing) suspicion_->cameLate = true;
}

void DeliveryCheck::suspect(std::size_t room, std::size_t member, const Ident& missing,
                            std::string instead) {
    if (!broken()) suspicion_ = Suspicion{room, member, missing, std::move(instead)};
}

void DeliveryCheck::fail(std::string problem) {
    if (!broken()) problem_ = std::move(problem);
}

void DeliveryCheck::seen(Room& room, std::size_t member) {
    Entry& entry = room.order[room.memberNext[member] - room.base];
    ++room.memberNext[member];
    ++entry.seenBy;
    while (!room.order.empty() && room.order.front().seenBy == membersPerRoom_) {
        room.order.pop_front();
        ++room.base;
    }
}

bool DeliveryCheck::settled() const {
    return std::all_of(rooms_.begin(), rooms_.end(), [](const Room& room) {
        return room.order.empty() && room.acknowledged == room.senderNext;
    });
}

std::string DeliveryCheck::finish() {
    if (!problem_.empty()) return problem_;
    if (suspicion_) {
        const Suspicion& s = *suspicion_;
        return place(s.room, s.member) + ": " + describe(s.missing) +
               (s.cameLate ? " came out of order, after " : " was lost: instead came ") + s.instead;
    }
    for (std::size_t index = 0; index < rooms_.size(); ++index) {
        const Room& room = rooms_[index];
        for (std::size_t sender = 0; sender < room.senderNext.size(); ++sender) {
            const Ident next{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(sender),
                             room.senderNext[sender]};
            if (room.acknowledged[sender] > room.senderNext[sender]) {
                return describe(next) + " was acknowledged, but nobody got it";
            }
            if (room.acknowledged[sender] < room.senderNext[sender]) {
                return std::to_string(room.senderNext[sender] - room.acknowledged[sender]) +
                       " messages of sender " + std::to_string(sender) + " in room " +
                       std::to_string(index) + " were shown but never acknowledged";
            }
        }
        for (std::size_t member = 0; member < room.memberNext.size(); ++member) {
            const std::uint64_t next = room.memberNext[member];
            if (next < room.total()) {
                return place(index, member) + ": " + describe(room.order[next - room.base].ident) +
                       " was lost: nothing came after it";
            }
        }
    }
    return {};
}

DashboardCheck::DashboardCheck(std::string conversationPrefix, std::size_t rooms)
    : key_("\"conversationId\":\"" + std::move(conversationPrefix)), counts_(rooms) {}

std::string DashboardCheck::deliver(std::string_view json) {
    ++deliveries_;
    const auto room = findNumber(json, key_);
    const auto count = findNumber(json, "\"messageCount\":");
    if (!room || *room >= counts_.size() || !count) {
        return "dashboard: unexpected " + std::string(json.substr(0, 400));
    }
    if (*count != counts_[*room] + 1) {
        return "dashboard: room " + std::to_string(*room) + " counts " + std::to_string(*count) +
               " messages after " + std::to_string(counts_[*room]);
    }
    counts_[*room] = *count;
    return {};
}

}  // namespace parley::bench
