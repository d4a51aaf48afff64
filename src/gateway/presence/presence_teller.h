#pragma once

#include "gateway/calls/publisher.h"

#include <parley/engine/presence.h>
#include <parley/net/server.h>

#include <chrono>
#include <optional>

namespace parley {

/// Tells dashboards who came, went and watches: `presence_changed`, at most once a second, and not
/// at all while nothing changes. What is too much for one event comes with the next one.
class PresenceTeller {
public:
    /// Begins: from then on changes of `presence` are told, on `loop`. Both, and `publisher`,
    /// outlive this. Before the server starts.
    PresenceTeller(PresenceBoard& presence, Publisher& publisher, net::Loop& loop);

private:
    void plan();
    void tell();

    PresenceBoard& presence_;
    Publisher& publisher_;
    net::Loop& loop_;
    // The loop's thread.
    bool planned_ = false;
    std::optional<std::chrono::milliseconds> last_;
};

}  // namespace parley
