#pragma once

#include <parley/engine/request.h>

namespace parley {

/// Whether this is taken into a full queue: what only frees things, and a new session, which is one
/// small entry and bounded by the connections there may be.
bool isAlwaysTaken(const Work& work);

/// Whether a reply is waited for: not for what closes a connection, opens a session or comes from
/// the server's own clock.
bool isAnswered(const Work& work);

}  // namespace parley
