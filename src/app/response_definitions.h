#pragma once

#include <string_view>

namespace parley::app {

/// The first part of docs/metrics.md: what Parley means by an answer, a wait, a percentile ... One
/// C++ function and one SQL text follow each of them. Static storage.
std::string_view responseDefinitions();

}  // namespace parley::app
