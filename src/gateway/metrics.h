#pragma once

#include "gateway/gateway_state.h"

#include <string>

namespace parley {

/// Everything an operator can watch, in Prometheus' text format 0.0.4. Any thread.
std::string metricsText(const GatewayState& shared);

}  // namespace parley
