#pragma once

#include "gateway/clients/handshake.h"
#include "gateway/limits/token_check.h"

#include <parley/core/json.h>
#include <parley/core/result.h>
#include <parley/domain/principal.h>
#include <parley/engineio/endpoint.h>

#include <optional>
#include <string_view>

/// Who a client is, from the token it brings. Any thread.
namespace parley {

/// The token in HTTP headers: of `Authorization: Bearer`, or else of the cookie `cookie`, unless
/// that name is empty. Nothing: they carry none.
std::optional<std::string_view> tokenIn(const engineio::Credentials& headers,
                                        std::string_view cookie);
/// The token in the payload of a CONNECT: {"token":"..."}. Nothing: it holds none; an empty text
/// where it is no text.
std::optional<std::string_view> tokenIn(const Json& auth);

/// What the headers of a handshake say of who opens it.
HandshakeToken handshakeToken(const TokenCheck& check, const engineio::Credentials& headers);

/// Whether a request with these headers may use a session. Credentials must be those of `owner`,
/// who opened or entered it; null: nobody has yet. Without any, only where none are `required`.
bool isOf(const TokenCheck& check, const engineio::Credentials& headers, const Principal* owner,
          bool required);

/// The principal of a CONNECT with the payload `auth`. Its own token counts; without one, that of
/// the handshake, if it still does. Both must be the same user's.
Result<PrincipalPtr> principalOf(const TokenCheck& check, const Json& auth,
                                 const HandshakeToken& handshake);

/// Whether a connection may go on with the principal `renewed` in place of `current`: it is of the
/// same user, kind and role, and lets the user do no less. Else what the connection receives would
/// have to be looked through: it ends instead.
bool continues(const Principal& renewed, const Principal& current);

}  // namespace parley
