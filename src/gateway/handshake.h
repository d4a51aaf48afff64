#pragma once

#include <string_view>

namespace parley {

/// Whether the client that opened its session with this URL query may be given a pid, and with it
/// a cursor at the end of durable broadcasts: docs/decisions/007-who-gets-cursors.md. `query` is
/// without '?', still percent-encoded. Pure.
bool takesCursors(std::string_view query);

}  // namespace parley
