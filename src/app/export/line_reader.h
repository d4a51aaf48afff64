#pragma once

#include <parley/core/result.h>
#include <parley/log/read/stored_event.h>

#include <string_view>

namespace parley::app::exports {

/// Reads an event's line as `append` writes it: the same fields in the same order, nothing between
/// them. `line` has no line feed. Any other line is refused with `storage_damaged`, also one that
/// means the same but is written in another way: what is imported is exported again as it was. The
/// hash is not computed. The event's keys are 0. Any thread.
Result<StoredEvent> readEvent(std::string_view line);

}  // namespace parley::app::exports
