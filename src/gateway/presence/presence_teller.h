#pragma once

#include "gateway/calls/publisher.h"
#include "gateway/presence/typing_board.h"

#include <parley/engine/presence.h>
#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <chrono>
#include <optional>

namespace parley {

/// Tells dashboards who came, went and watches, `presence_changed`, and who types,
/// `typing_changed`: each at most once a second, and not at all while nothing changes. What is too
/// much for one event comes with the next one.
class PresenceTeller {
public:
    /// Begins: from then on changes of `presence` and `typing` are told, on `loop`. All of them,
    /// and `publisher`, outlive this. Before the server starts.
    PresenceTeller(PresenceBoard& presence, TypingBoard& typing, Publisher& publisher,
                   net::Loop& loop);

private:
    void plan();
    void tell();
    void tellPresence();
    void tellTyping();

    PresenceBoard& presence_;
    TypingBoard& typing_;
    Publisher& publisher_;
    net::Loop& loop_;
    // The loop's thread.
    bool planned_ = false;
    std::optional<std::chrono::milliseconds> last_;
};

/// The `typing_changed` that tells a dashboard who types as it begins to follow; null: nobody does.
/// What is too much for it is told to all dashboards. REQUIRES: the dashboard is counted, and will
/// receive what is told from here on. Any thread.
engineio::FramePtr typingNow(TypingBoard& typing);

}  // namespace parley
