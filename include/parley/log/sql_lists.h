#pragma once

#include <parley/domain/event_type.h>

#include <string>

namespace parley {

/// The types of a kind as SQL writes a list: "(4, 7)". For the text of statements, so that no
/// statement repeats the table domain/events.def. Any thread; may be called before main.
std::string sqlTypes(EventKind kind);

}  // namespace parley
