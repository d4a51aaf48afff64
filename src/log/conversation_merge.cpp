#include <parley/log/conversation_merge.h>

#include <algorithm>
#include <iterator>

namespace parley {

void ConversationMerge::put(const Source& source) {
    sources_.push_back(source);
    std::push_heap(sources_.begin(), sources_.end(), later);
}

Result<void> ConversationMerge::add(EventReader& reader, ConversationKey conversation,
                                    Position after, Position until) {
    until = std::min(until, upTo_);
    auto stretch = reader.stretch(conversation, after, until);
    if (!stretch) return stretch.error();
    if (stretch->events == 0) return {};
    events_ += stretch->events;
    put({conversation, stretch->before, stretch->first, until});
    return {};
}

Result<EventChunk> ConversationMerge::next(EventReader& reader, int rowsMax, std::size_t bytesMax) {
    EventChunk chunk;
    std::size_t bytes = 0;
    for (int rows = rowsMax; !sources_.empty() && rows > 0 && bytes <= bytesMax;) {
        std::pop_heap(sources_.begin(), sources_.end(), later);
        Source source = sources_.back();
        sources_.pop_back();
        const Position end = sources_.empty() ? upTo_ : sources_.front().next;
        auto run =
            reader.run(source.conversation, source.read, end, source.until, rows, bytesMax - bytes);
        if (!run) return run.error();
        rows -= static_cast<int>(run->events.size());
        events_ -= static_cast<std::int64_t>(run->events.size());
        for (const auto& event : run->events) bytes += contentBytes(event);
        std::move(run->events.begin(), run->events.end(), std::back_inserter(chunk.events));
        source.read = run->reached;
        if (run->next) {
            source.next = *run->next;
            put(source);
        }
    }
    chunk.upTo = sources_.empty() ? upTo_ : Position{sources_.front().next.value - 1};
    return chunk;
}

}  // namespace parley
