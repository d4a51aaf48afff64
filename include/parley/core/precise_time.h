#pragma once

#include <chrono>

namespace parley {

/// The machine's CLOCK_MONOTONIC in microseconds, for measuring how long something took: metrics
/// alone. What decides anything is handed a Clock. Any thread.
std::chrono::microseconds preciseTime();

}  // namespace parley
