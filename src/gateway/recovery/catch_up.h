#pragma once

#include "gateway/recovery/gap_reader.h"

#include <parley/core/limits.h>
#include <parley/engineio/frame.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

namespace parley {

/// A client on its way from what it missed to what is live: frames read from the log go out as fast
/// as the client takes them; what is live meanwhile waits behind them. The loop's thread, but for
/// `reader`, which is with one read job at a time.
struct CatchUp {
    CatchUp(std::uint64_t itsNumber, Gap gap)
        : number(itsNumber), reader(std::make_shared<GapReader>(std::move(gap))) {}

    /// Lets a live frame wait. False: more waits than may. Typing is not dropped: it may end what
    /// the client was told as typing before.
    [[nodiscard]] bool hold(const engineio::FramePtr& frame) {
        held.push_back(frame);
        heldBytes += frame->payload().size();
        return held.size() <= limits::kReplayHeldFramesMax &&
               heldBytes <= limits::kReplayHeldBytesMax;
    }

    std::uint64_t number;  ///< tells this one from an earlier one of the same client
    std::shared_ptr<GapReader> reader;
    std::deque<engineio::FramePtr> ready;  ///< read, to be sent next
    std::deque<engineio::FramePtr> held;   ///< live, to be sent after everything missed
    std::size_t heldBytes = 0;             ///< of all that was held so far
};

}  // namespace parley
