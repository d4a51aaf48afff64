#include "gateway/missed_reader.h"

#include <parley/core/limits.h>

#include <algorithm>

namespace parley {
namespace {

// No connection has this number: what is for everybody but it was "without the sender".
constexpr std::uint64_t kSomeSender = 1;
// Within a gap this small the log is read through; beyond it each room by its own index.
constexpr std::int64_t kReadThroughMax = 2 * limits::kReplayChunkEvents;
constexpr int kRoomRowsMin = 8;

bool byConversation(const Gap::Room& a, const Gap::Room& b) {
    return a.conversation < b.conversation;
}

}  // namespace

MissedReader::MissedReader(Gap gap) : gap_(std::move(gap)) {
    std::sort(gap_.rooms.begin(), gap_.rooms.end(), byConversation);
    reached_ = gap_.dashboardAfter.value_or(gap_.upTo);
    for (const auto& room : gap_.rooms) reached_ = std::min(reached_, room.after);
}

const Gap::Room* MissedReader::find(ConversationKey conversation) const {
    const auto found = std::lower_bound(gap_.rooms.begin(), gap_.rooms.end(),
                                        Gap::Room{conversation, {}, {}}, byConversation);
    return found != gap_.rooms.end() && found->conversation == conversation ? &*found : nullptr;
}

Result<EventChunk> MissedReader::readAll(ReadContext& context) const {
    const bool all = gap_.dashboardAfter.has_value();
    return context.events.chunk(reached_, gap_.upTo, limits::kReplayChunkEvents,
                                [&](ConversationKey one) { return all || find(one) != nullptr; });
}

// Reads a little of each room and keeps what comes before the place where the first of them was
// not read to its end.
Result<EventChunk> MissedReader::readRooms(ReadContext& context) const {
    const int rows =
        std::max(kRoomRowsMin, limits::kReplayChunkEvents / static_cast<int>(gap_.rooms.size()));
    EventChunk all{{}, gap_.upTo};
    for (const auto& room : gap_.rooms) {
        const auto after = std::max(reached_, room.after);
        if (after >= all.upTo) continue;
        auto one = context.events.chunk(room.conversation, after, all.upTo, rows);
        if (!one) return one.error();
        all.upTo = std::min(all.upTo, one->upTo);
        std::move(one->events.begin(), one->events.end(), std::back_inserter(all.events));
    }
    std::erase_if(all.events, [&](const Event& event) { return event.position > all.upTo; });
    std::sort(all.events.begin(), all.events.end(),
              [](const Event& a, const Event& b) { return a.position < b.position; });
    return all;
}

bool MissedReader::wants(const Delivery& delivery) const {
    if (!delivery.cursor) return false;  // not in the log
    const auto position = delivery.cursor->dashboard;
    if (delivery.room.value == 0) {
        return gap_.dashboardAfter && position > *gap_.dashboardAfter;
    }
    const auto* room = find(delivery.room);
    if (!room || position <= room->after) return false;
    if (!visible(delivery.visible, delivery.author, room->viewer)) return false;
    return delivery.except != kSomeSender ||
           !std::binary_search(gap_.own.begin(), gap_.own.end(), position);
}

Result<std::vector<engineio::FramePtr>> MissedReader::next(ReadContext& context) {
    const bool readThrough =
        gap_.dashboardAfter || gap_.upTo.value - reached_.value <= kReadThroughMax;
    auto chunk = readThrough ? readAll(context) : readRooms(context);
    if (!chunk) return chunk.error();
    auto updates = replayUpdates(context.events, context.views, std::move(chunk->events),
                                 gap_.dashboardAfter.has_value(), fold_);
    if (!updates) return updates.error();
    std::vector<Delivery> deliveries;
    for (const auto& update : *updates) {
        broadcastUpdate(update, kSomeSender, deliveries);
    }
    std::vector<engineio::FramePtr> frames;
    for (const auto& delivery : deliveries) {
        if (wants(delivery)) frames.push_back(withCursor(delivery));
    }
    reached_ = chunk->upTo;
    return frames;
}

}  // namespace parley
