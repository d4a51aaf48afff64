#pragma once

#include <string>
#include <string_view>

namespace parley::app {

/// `text`, which is UTF-8, as a terminal can be given it: what would move the cursor, change
/// colours, or make people read something else than is there (C0, DEL, C1, line separators,
/// bidirectional overrides) becomes an escape such as \u001b. Tabs and line feeds stay.
std::string printable(std::string_view text);

}  // namespace parley::app
