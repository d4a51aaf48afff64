#pragma once

#include <parley/engine/request.h>

#include <cstddef>

namespace parley {

/// The bytes of text that a request holds while it waits: what `writer.queue-bytes` limits. Its
/// numbers are not counted, as `writer.queue` bounds how many requests there are.
std::size_t weightOf(const Request& request);

}  // namespace parley
