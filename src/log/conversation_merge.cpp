#include <parley/core/try.h>
#include <parley/log/conversation_merge.h>
#include <parley/log/read/stored_event.h>

#include <algorithm>
#include <iterator>

namespace parley {

void ConversationMerge::put(const Source& source) {
    sources_.push_back(source);
    std::push_heap(sources_.begin(), sources_.end(), later);
}

Result<void> ConversationMerge::add(ConversationSeqs& seqs, ConversationKey conversation,
                                    const Viewer& viewer, Position after, Position until) {
    until = std::min(until, upTo_);
    PARLEY_TRY_ASSIGN(const auto extent, seqs.extent(conversation, after, until));
    if (extent.events == 0) return {};
    events_ += extent.events;
    put({conversation, viewer, extent.before, extent.first, until});
    return {};
}

Result<EventChunk> ConversationMerge::next(MissedEvents& events, int rowsMax,
                                           std::size_t bytesMax) {
    EventChunk merged;
    std::size_t bytes = 0;
    for (int rows = rowsMax; !sources_.empty() && rows > 0 && bytes <= bytesMax;) {
        std::pop_heap(sources_.begin(), sources_.end(), later);
        Source source = sources_.back();
        sources_.pop_back();
        const Position end = sources_.empty() ? upTo_ : sources_.front().next;
        PARLEY_TRY_ASSIGN(auto chunk,
                          events.chunkOf(source.conversation, source.read, end, source.until, rows,
                                         bytesMax - bytes, source.viewer));
        rows -= chunk.rows;
        events_ -= chunk.rows;
        for (const auto& event : chunk.events) bytes += contentBytes(event);
        std::move(chunk.events.begin(), chunk.events.end(), std::back_inserter(merged.events));
        source.read = chunk.reached;
        if (chunk.next) {
            source.next = *chunk.next;
            put(source);
        }
    }
    merged.upTo = sources_.empty() ? upTo_ : Position{sources_.front().next.value - 1};
    return merged;
}

}  // namespace parley
