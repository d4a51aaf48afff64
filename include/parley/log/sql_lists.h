#pragma once

#include <parley/domain/event_type.h>

#include <string>

namespace parley {

/// The types of a kind as SQL writes a list: "(4, 7)". For the text of statements, so that no
/// statement repeats the table domain/events.def. In the order of their numbers. Any thread; may be
/// called before main. REQUIRES: the table has a type of the kind, as an empty list is no SQL.
std::string sqlTypes(EventKind kind);

/// `asks` and `answers` of domain/answer.h as conditions on a row of `event`, whose alias in the
/// statement is `alias`. In parentheses; true or false, never NULL. Any thread; may be called
/// before main.
std::string sqlAsks(const std::string& alias);
std::string sqlAnswers(const std::string& alias);

}  // namespace parley
