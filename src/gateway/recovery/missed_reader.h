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
/// broadcast when it was new: same broadcasters, same rule of who sees what, same cursors.
/// At the end it tells of each other user who types, or typed in what was missed, whether they type
/// now, without a cursor. Its cost follows what was missed: a room without news is asked once.
/// Any thread, one at a time.
class MissedReader {
public:
    explicit MissedReader(Gap gap);

    /// Everything the gap says has been read and told.
    bool done() const { return typingTold_; }
    /// Reads the next chunk; bounded in rows, rooms asked and bytes (limits.h), and maybe without
    /// a frame. REQUIRES: not done.
    Result<std::vector<engineio::FramePtr>> next(ReadContext& context);

private:
    // How the log is read. A short gap, or one mostly of events that are wanted, is read through;
    // of a long one each room is asked where it has something, and those are merged.
    enum class Way : std::uint8_t { askingRooms, merging, readingThrough };

    Result<EventChunk> nextChunk(ReadContext& context);
    Result<void> askRooms(ReadContext& context);
    Result<EventChunk> readOn(ReadContext& context) const;
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
    std::size_t roomsAsked_ = 0;
    ConversationMerge merge_;
    std::map<std::pair<ConversationKey, UserId>, TypingChanged> typing_;  // as it stands at the end
    bool typingTold_;
};

}  // namespace parley
