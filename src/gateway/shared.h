#pragma once

#include <atomic>

#include <parley/core/clock.h>
#include <parley/engine/engine.h>
#include <parley/gateway/gateway.h>
#include <parley/gateway/history_tails.h>
#include <parley/net/server.h>

namespace parley {

/// What all loops' services share. Set up before the loops start.
struct Shared {
    const GatewayOptions& options;
    const Clock& clock;
    Engine* engine = nullptr;
    net::Server* server = nullptr;
    HistoryTails tails{};
    std::atomic<bool> draining{false};
    std::atomic<std::int64_t> requestsInFlight{0};
};

}  // namespace parley
