#pragma once

#include <cstddef>
#include <string>

namespace parley::app {

/// Breaks lines at spaces, so that none is longer than `width` unless a word is.
std::string wrapped(const std::string& text, std::size_t width);

}  // namespace parley::app
