#pragma once

#include "gateway/history.h"

#include <parley/gateway/request_parser.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace parley {

/// A client's reads of history that are not answered yet. A page can be a thousand times as large
/// as the request for it, so the next one is read only once the client has taken the last ones:
/// whoever asks for much at once gets it all, as fast as they take it. The loop's thread.
struct Reads {
    struct Waiting {
        HistoryRequest request;
        Origin origin;
        std::shared_ptr<const HistoryViewer> viewer;  ///< as whom it was asked
    };

    std::uint64_t number = 0;     ///< tells these from earlier ones of the same client
    std::deque<Waiting> waiting;  ///< the oldest first
    std::shared_ptr<const HistoryViewer> viewer;  ///< of those that were asked last
    int running = 0;      ///< with the reader pool, or read and not sent yet
    bool paused = false;  ///< a timer will go on
};

}  // namespace parley
