#include "gateway/recovery/gap_reader.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>

#include <algorithm>

namespace parley {
namespace {

// A delivery that leaves this connection out was broadcast to all but its sender. No client of this
// process is meant: the delivery goes to one that missed it.
constexpr ConnectionId kSomeSender{1};
// A gap this small is read through, and a larger one if at least one event in so many is wanted.
constexpr std::int64_t kReadThroughMax = 2 * limits::kReplayChunkEvents;
constexpr std::int64_t kReadThroughShare = 3;
constexpr std::size_t kRoomsListedMax = 1024;  // in one transaction

struct ByConversation {
    bool operator()(const Gap::Room& a, const Gap::Room& b) const {
        return a.conversation < b.conversation;
    }
    bool operator()(const Gap::Room& a, ConversationKey b) const { return a.conversation < b; }
    bool operator()(ConversationKey a, const Gap::Room& b) const { return a < b.conversation; }
};

// The viewers the client reads its rooms as. A dashboard reads every conversation as staff.
Viewers viewersOf(const Gap& gap) {
    std::vector<Viewers::Entry> entries;
    entries.reserve(gap.rooms.size());
    for (const auto& room : gap.rooms) entries.emplace_back(room.conversation, room.viewer);
    const auto staff = Viewer::of(UserKey{0}, UserRole::supervisor);
    return {std::move(entries), gap.dashboardAfter ? std::optional(staff) : std::nullopt};
}

}  // namespace

GapReader::GapReader(Gap gap) : gap_(std::move(gap)), viewers_(viewersOf(gap_)), merge_(gap_.upTo) {
    std::sort(gap_.rooms.begin(), gap_.rooms.end(), ByConversation{});
    reached_ = gap_.dashboardAfter.value_or(gap_.upTo);
    for (const auto& room : gap_.rooms) reached_ = std::min(reached_, room.after);
    const bool isShort = gap_.upTo.value - reached_.value <= kReadThroughMax;
    typingTold_ = reached_ >= gap_.upTo && gap_.typing.empty();
    way_ = isShort || gap_.dashboardAfter ? Way::readingThrough : Way::listingRooms;
}

// More than one where a removal ended the first and the user came back.
std::span<const Gap::Room> GapReader::find(ConversationKey conversation) const {
    const auto [first, last] =
        std::equal_range(gap_.rooms.begin(), gap_.rooms.end(), conversation, ByConversation{});
    return {first, last};
}

Result<void> GapReader::listRooms(ReadContext& context) {
    const auto end = std::min(gap_.rooms.size(), roomsListed_ + kRoomsListedMax);
    for (; roomsListed_ < end; ++roomsListed_) {
        const auto& room = gap_.rooms[roomsListed_];
        PARLEY_TRY(merge_.add(context.seqs, room.conversation, room.viewer, room.after,
                              room.until.value_or(gap_.upTo)));
    }
    if (roomsListed_ < gap_.rooms.size()) return {};
    const bool dense = merge_.events() * kReadThroughShare > gap_.upTo.value - reached_.value;
    way_ = dense ? Way::readingThrough : Way::merging;
    return {};
}

Result<EventChunk> GapReader::readThrough(ReadContext& context) const {
    return context.missed.chunk(reached_, gap_.upTo, limits::kReplayChunkEvents, viewers_);
}

Result<EventChunk> GapReader::nextChunk(ReadContext& context) {
    if (way_ == Way::listingRooms) {
        PARLEY_TRY(listRooms(context));
        return EventChunk{{}, reached_};
    }
    if (way_ == Way::readingThrough) return readThrough(context);
    return merge_.next(context.missed, limits::kReplayChunkEvents, limits::kReplayChunkBytes);
}

bool GapReader::wants(const Delivery& delivery) const {
    if (!delivery.cursor) return false;  // not in the log
    const auto position = delivery.cursor->dashboard;
    if (delivery.room.value == 0) {
        return gap_.dashboardAfter && position > *gap_.dashboardAfter;
    }
    const auto rooms = find(delivery.room);
    const bool shown = std::any_of(rooms.begin(), rooms.end(), [&](const Gap::Room& room) {
        return position > room.after && (!room.until || position <= *room.until) &&
               visible(delivery.visible, delivery.author, room.viewer);
    });
    if (!shown) return false;
    return delivery.except != kSomeSender ||
           !std::binary_search(gap_.own.begin(), gap_.own.end(), position);
}

Result<std::vector<engineio::FramePtr>> GapReader::next(ReadContext& context) {
    std::vector<engineio::FramePtr> frames;
    if (reached_ < gap_.upTo) {
        PARLEY_TRY(readChunk(context, frames));
    }
    if (reached_ >= gap_.upTo) tellTyping(frames);
    return frames;
}

Result<void> GapReader::readChunk(ReadContext& context, std::vector<engineio::FramePtr>& frames) {
    PARLEY_TRY_ASSIGN(auto chunk, nextChunk(context));
    StoredFacts facts(context.missed, context.past, gap_.dashboardAfter ? &counts_ : nullptr);
    std::vector<ProjectionUpdate> updates;
    for (auto& event : chunk.events) {
        if (isTyping(event.type)) {
            noteTyping(event);
            continue;
        }
        PARLEY_TRY(updatesOf(std::move(event), facts, updates));
    }
    std::vector<Delivery> deliveries;
    for (const auto& update : updates) broadcastUpdate(update, kSomeSender, deliveries);
    for (const auto& delivery : deliveries) {
        if (wants(delivery)) frames.push_back(withCursor(delivery));
    }
    reached_ = chunk.upTo;
    return {};
}

void GapReader::noteTyping(const Event& event) {
    const auto isOthers = [&](const Gap::Room& room) {
        return !room.until && event.position > room.after && event.actorKey != room.viewer.user();
    };
    const auto rooms = find(event.conversationKey);
    if (std::none_of(rooms.begin(), rooms.end(), isOthers)) return;
    note({event.conversation, event.conversationKey, event.actor, userNameOf(event),
          /*isTyping=*/false});
}

// A stop may name no user; it then keeps the name of the start.
void GapReader::note(TypingChanged typing) {
    auto& known = typing_.try_emplace({typing.conversationKey, typing.user}, typing).first->second;
    if (typing.userName.empty()) typing.userName = std::move(known.userName);
    known = std::move(typing);
}

// The gap says who types now; all others have stopped. These frames must not be dropped, as no
// later one would correct them.
void GapReader::tellTyping(std::vector<engineio::FramePtr>& frames) {
    for (auto& typing : gap_.typing) note(std::move(typing));
    std::vector<Delivery> deliveries;
    for (auto& [key, typing] : typing_) {
        ConversationBroadcaster::broadcast(std::move(typing), kSomeSender, deliveries);
    }
    for (const auto& delivery : deliveries) {
        frames.push_back(engineio::textFrame(delivery.frame->payload()));
    }
    typing_.clear();
    typingTold_ = true;
}

}  // namespace parley
