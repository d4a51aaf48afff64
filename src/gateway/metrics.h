#pragma once

#include "gateway/shared.h"

#include <string>

namespace parley {

/// Everything an operator can watch, in Prometheus' text format 0.0.4. Any thread.
std::string metricsText(const Shared& shared);

}  // namespace parley
