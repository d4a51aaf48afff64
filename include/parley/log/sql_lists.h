#pragma once

#include <parley/domain/event_type.h>

#include <string>

namespace parley {

/// The types of a kind as SQL writes a list: "(4, 7)". For the text of statements, so that no
/// statement repeats the table domain/events.def. In the order of their numbers. Any thread; may be
/// called before main. REQUIRES: the table has a type of the kind, as an empty list is no SQL.
std::string sqlTypes(EventKind kind);

}  // namespace parley
