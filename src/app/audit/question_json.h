#pragma once

#include <string>

namespace parley::app {

/// What the console's page for SQL shows beside it, as JSON (docs/operations/console-api.md): the
/// questions of `parley audit list` and the views that SQL may read. Any thread.
std::string questionsJson();

}  // namespace parley::app
