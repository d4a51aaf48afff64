#pragma once

#include <parley/broadcast/delivery.h>
#include <parley/engine/reader_pool.h>
#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/projection/replay.h>

#include <vector>

namespace parley {

/// Reads what a session missed, stretch by stretch, and turns it into the very frames that were
/// broadcast when it was new: same broadcasters, same rule of who sees what, same cursors.
/// Typing is not told again. Any thread, one at a time.
class MissedReader {
public:
    explicit MissedReader(Gap gap);

    /// Everything the gap says, up to this position, has been read.
    bool done() const { return reached_ >= gap_.upTo; }
    /// Reads the next stretch; bounded in rows and bytes (limits.h). REQUIRES: not done.
    Result<std::vector<engineio::FramePtr>> next(ReadContext& context);

private:
    Result<EventChunk> readAll(ReadContext& context) const;
    Result<EventChunk> readRooms(ReadContext& context) const;
    const Gap::Room* find(ConversationKey conversation) const;
    bool wants(const Delivery& delivery) const;

    Gap gap_;
    Position reached_;
    ReplayFold fold_;
};

}  // namespace parley
