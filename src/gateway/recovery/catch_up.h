#pragma once

#include "gateway/recovery/missed_reader.h"

#include <parley/engineio/frame.h>

#include <cstdint>
#include <deque>
#include <memory>

namespace parley {

/// A client on its way from what it missed to what is live: frames read from the log go out as fast
/// as the client takes them; what is live meanwhile waits behind them. The loop's thread, but
/// `reader`, which is with one read job at a time.
struct CatchUp {
    CatchUp(std::uint64_t its, Gap gap)
        : number(its), reader(std::make_shared<MissedReader>(std::move(gap))) {}

    std::uint64_t number;  ///< tells this one from an earlier one of the same client
    std::shared_ptr<MissedReader> reader;
    std::deque<engineio::FramePtr> ready;  ///< read, to be sent next
    std::deque<engineio::FramePtr> held;   ///< live, to be sent after everything missed
    std::size_t heldBytes = 0;
};

}  // namespace parley
