#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>

#include <vector>

namespace parley {

struct ConversationState;
struct DecideContext;
class Facts;

/// What a command makes happen: its events in order, without position, seq, id, time and keys; or
/// why it is refused, in which case nothing happens. No events: success without anything new.
using Decision = Result<std::vector<Event>>;

}  // namespace parley
