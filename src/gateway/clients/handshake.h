#pragma once

#include <parley/core/cursor.h>
#include <parley/core/json.h>
#include <parley/domain/principal.h>
#include <parley/gateway/gateway.h>

#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// Whether a client wants recovery; nothing where it does not say.
using RecoveryWish = std::optional<bool>;

/// The token that the headers of a handshake carried.
struct HandshakeToken {
    bool given = false;
    PrincipalPtr principal{};  ///< null: it did not count
};

/// What a client's handshake said.
struct ClientHandshake {
    RecoveryWish recoveryWish;
    HandshakeToken token{};
    bool ownPage = true;      ///< it comes from the server's own page, or from none
    bool thisMachine = true;  ///< and from this machine
};

/// The wish in the URL of a handshake: the first `recovery=1` or `recovery=0`. Any other value says
/// nothing. `query` is without '?', still percent-encoded. Pure.
RecoveryWish recoveryWishIn(std::string_view query);

/// What a client brings to resume its session: {"pid":"...","offset":"42:pV-0aK3x"}, without an
/// offset where it received nothing.
struct Ticket {
    std::string pid;
    std::optional<Cursor> cursor;
};
/// The ticket in the payload of a CONNECT; nothing where it holds none that is well-formed. Pure.
std::optional<Ticket> ticketIn(const Json& auth);

/// Whether a client is given a pid, and with it a cursor at the end of durable broadcasts
/// (docs/decisions/034-cursors-on-request.md). `auth` is the payload of its CONNECT, of any form:
/// `recovery`, where it is true or false, says more than the URL does; where neither says anything,
/// a pid asks. Pure.
bool takesCursors(RecoveryFor offered, RecoveryWish wishInUrl, const Json& auth);

}  // namespace parley
