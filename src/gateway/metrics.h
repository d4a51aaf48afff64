#pragma once

#include <cstddef>
#include <string>

#include <parley/engine/engine.h>
#include <parley/net/server.h>

namespace parley {

/// The counters in Prometheus' text format 0.0.4.
std::string metricsText(const EngineCounters& engine, const net::Counters& net,
                        std::size_t historyTailBytes);

}  // namespace parley
