#include "gateway/clients/authentication.h"

#include <parley/auth/credentials.h>
#include <parley/core/try.h>

#include <algorithm>
#include <string>

namespace parley {
namespace {

// A customer's list only adds: what it has entered, it takes part in. For others, without a list
// nothing is out of reach.
bool reachesNoLess(const Principal& renewed, const Principal& current) {
    if (!isBound(renewed)) return true;
    return current.conversations &&
           std::ranges::includes(*renewed.conversations, *current.conversations);
}

}  // namespace

std::optional<std::string_view> tokenIn(const engineio::Credentials& headers,
                                        std::string_view cookie) {
    if (!headers.authorization.empty()) {
        return auth::bearerToken(headers.authorization).value_or(std::string_view());
    }
    if (cookie.empty() || headers.cookie.empty()) return std::nullopt;
    return auth::cookieValue(headers.cookie, cookie);
}

std::optional<std::string_view> tokenIn(const Json& auth) {
    if (!auth.is_object()) return std::nullopt;
    const auto token = auth.find("token");
    if (token == auth.end() || token->is_null()) return std::nullopt;
    if (!token->is_string()) return std::string_view();
    return token->get_ref<const std::string&>();
}

HandshakeToken handshakeToken(const TokenCheck& check, const engineio::Credentials& headers) {
    const auto token = tokenIn(headers, check.authenticator().options().cookie);
    if (!token) return {};
    const auto verified = check.verify(*token);
    return {.given = true, .principal = verified ? *verified : nullptr};
}

bool isOf(const TokenCheck& check, const engineio::Credentials& headers, const Principal* owner,
          bool required) {
    const auto token = tokenIn(headers, check.authenticator().options().cookie);
    if (!token) return !required;
    // An owner is known by a token that was verified, so that bad ones of its address, which may be
    // others', do not end its session.
    const auto verified = owner ? check.verifyAlways(*token) : check.verify(*token);
    if (!verified) return false;
    return !owner || isSameUser(*owner, **verified);
}

Result<PrincipalPtr> principalOf(const TokenCheck& check, const Json& auth,
                                 const HandshakeToken& handshake) {
    if (handshake.given && !handshake.principal) return unauthenticated();
    const auto token = tokenIn(auth);
    if (!token && handshake.given) {
        if (check.authenticator().faultOf(*handshake.principal)) return unauthenticated();
        return handshake.principal;
    }
    PARLEY_TRY_ASSIGN(auto principal, check.verify(token.value_or(std::string_view())));
    if (handshake.given && !isSameUser(*handshake.principal, *principal)) {
        return unauthenticated();
    }
    return principal;
}

bool continues(const Principal& renewed, const Principal& current) {
    return isSameUser(renewed, current) && renewed.role == current.role &&
           reachesNoLess(renewed, current) && std::ranges::includes(renewed.actsAs, current.actsAs);
}

}  // namespace parley
