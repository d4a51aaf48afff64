#pragma once

#include <parley/broadcast/delivery.h>
#include <parley/domain/viewers.h>
#include <parley/engine/reader_pool.h>
#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/log/conversation_merge.h>
#include <parley/projection/stored_facts.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace parley {

/// Reads what a session missed, chunk by chunk, and turns it into the very frames that were
/// broadcast when it was new: same broadcasters, same rule of visibility, same cursors. The last
/// frames, without cursors, say of each other user who types now, or typed in the gap, whether they
/// type now. Its cost follows what was missed: a room without news costs one look. Any thread, one
/// at a time.
class GapReader {
public:
    explicit GapReader(Gap gap);

    /// Whether every frame of the gap has been returned.
    bool done() const { return typingTold_; }
    /// Reads the next chunk, of which there may be no frame. Bounded in rows, rooms and bytes
    /// (limits.h). REQUIRES: not done.
    Result<std::vector<engineio::FramePtr>> next(ReadContext& context);

private:
    // How the log is read. A short gap, or one of which most events are wanted, is read through. Of
    // a long one, each room's events are listed, and the lists are merged.
    enum class Way : std::uint8_t { listingRooms, merging, readingThrough };

    Result<EventChunk> nextChunk(ReadContext& context);
    Result<void> listRooms(ReadContext& context);
    Result<EventChunk> readThrough(ReadContext& context) const;
    std::span<const Gap::Room> find(ConversationKey conversation) const;
    bool wants(const Delivery& delivery) const;
    Result<void> readChunk(ReadContext& context, std::vector<engineio::FramePtr>& frames);
    void noteTyping(const Event& event);
    void note(TypingChanged typing);
    void tellTyping(std::vector<engineio::FramePtr>& frames);

    Gap gap_;
    Viewers viewers_;
    Position reached_;
    MessageCounts counts_;
    Way way_;
    std::size_t roomsListed_ = 0;
    ConversationMerge merge_;
    std::map<std::pair<ConversationKey, UserId>, TypingChanged> typing_;  // at the gap's end
    bool typingTold_;
};

}  // namespace parley
