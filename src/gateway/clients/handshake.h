#pragma once

#include <parley/core/json.h>
#include <parley/gateway/gateway.h>

#include <optional>
#include <string_view>

namespace parley {

/// What a client says of recovery: it wants it, it declines, or nothing.
using RecoveryWish = std::optional<bool>;

/// What the URL of its handshake says: `recovery=1` or `recovery=0`, the first of them. Any other
/// value says nothing. `query` is without '?', still percent-encoded. Pure.
RecoveryWish recoveryWishIn(std::string_view query);

/// Whether a client is given a pid, and with it a cursor at the end of durable broadcasts
/// (docs/decisions/034-cursors-on-request.md). `auth` is the payload of its CONNECT, of any form:
/// `recovery`, where it is true or false, says more than the URL does; where neither says anything,
/// a pid asks. Pure.
bool takesCursors(RecoveryFor whom, RecoveryWish wishInUrl, const Json& auth);

}  // namespace parley
