#pragma once

#include <string>

namespace parley::app {

/// docs/sql.md: how to ask the database with SQL, and every public view with its columns and
/// examples, from the comments in the views' files.
std::string sqlReference();

}  // namespace parley::app
