#pragma once

#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/missed_events.h>

#include <cstdint>
#include <vector>

namespace parley {

/// Merges the events of several conversations, after a position each, into one sequence in the
/// log's order. The cost follows what there is to read: a conversation without news is asked once.
/// Any thread, one at a time.
class ConversationMerge {
public:
    /// Nothing after `upTo` is read.
    explicit ConversationMerge(Position upTo) : upTo_(upTo) {}

    /// Adds what `conversation` has after `after` and up to `until`, as `viewer` may see it.
    /// REQUIRES: nothing of it was read before, and none of that was added before.
    Result<void> add(ConversationSeqs& seqs, ConversationKey conversation, const Viewer& viewer,
                     Position after, Position until);
    /// How many events there are still to look at.
    std::int64_t events() const { return events_; }

    /// The next events: looks at `rowsMax` at most and at about `bytesMax` of content, at one event
    /// at least while there is any; and says up to where that is everything.
    Result<EventChunk> next(MissedEvents& events, int rowsMax, std::size_t bytesMax);

private:
    struct Source {
        ConversationKey conversation;
        Viewer viewer;
        Seq read;       // the last event read of it
        Position next;  // of the one after it
        Position until;
    };
    static bool later(const Source& a, const Source& b) { return a.next > b.next; }
    void put(const Source& source);

    Position upTo_;
    std::int64_t events_ = 0;
    std::vector<Source> sources_;  // a heap by `next`: the smallest in front
};

}  // namespace parley
