#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>

namespace parley {

/// The newest version of a type's payload that this program knows, from 1: the one that it writes.
/// Any thread, as for all of these.
std::uint32_t currentVersion(EventType type);

/// Brings what a fold may see of an event of an older payload version to the current one, version
/// by version. Pure. Refuses as `storage_damaged` a version newer than this program
/// knows: to guess would be to lose.
Result<void> upcastFoldable(FoldableEvent& event);

/// Likewise for a whole event, which it takes over and gives back. Its bytes in the log, and so its
/// hash, stay those of its old version.
Result<Event> upcast(Event event);

}  // namespace parley
