#pragma once

#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/missed_events.h>

#include <cstdint>
#include <vector>

namespace parley {

/// Merges the events of several conversations, after a position each, into one sequence in the
/// log's order. The cost follows what there is to read: a conversation without news is asked once,
/// and each next event costs the logarithm of how many have news. Holds numbers only, no events;
/// its methods are handed the readers, which may be others each time. Any thread, one at a time.
class ConversationMerge {
public:
    /// Nothing after `upTo` is read.
    explicit ConversationMerge(Position upTo) : upTo_(upTo) {}

    /// Adds what `conversation` has after `after` and up to `until`, as `viewer` may see it.
    /// All bounds are positions; `after` itself is left out. The same conversation may be added for
    /// several stretches that do not overlap. An error adds nothing.
    /// REQUIRES: nothing of it was read before, and none of that was added before.
    Result<void> add(ConversationSeqs& seqs, ConversationKey conversation, const Viewer& viewer,
                     Position after, Position until);
    /// How many events there are still to look at.
    std::int64_t events() const { return events_; }

    /// The next events: looks at `rowsMax` at most and at about `bytesMax` of content, at one event
    /// at least while there is any; and says up to where that is everything, which is the
    /// constructor's `upTo` once there is nothing left. After an error it must not be called again:
    /// what the failed source still had is lost.
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
