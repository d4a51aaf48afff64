#include "auth/key_file.h"

#include <parley/auth/token_signer.h>
#include <parley/core/json.h>
#include <parley/core/try.h>

namespace parley::auth {
namespace {

std::int64_t seconds(UnixMillis at) {
    return at.value / 1000;
}

std::string claimsOf(const Principal& principal, const Options& options) {
    Json claims{{"sub", principal.user.str()}};
    const auto& names = options.claims;
    claims[names.kind] = principalKindName(principal.kind);
    if (principal.role) claims[names.role] = roleName(*principal.role);
    if (principal.conversations) {
        Json& list = claims[names.conversations] = Json::array();
        for (const auto& one : *principal.conversations) list.push_back(one.str());
    }
    if (!principal.actsAs.empty()) {
        Json& list = claims[names.roles] = Json::array();
        for (const auto role : principal.actsAs) list.push_back(roleName(role));
    }
    if (!options.issuer.empty()) claims["iss"] = options.issuer;
    if (!options.audience.empty()) claims["aud"] = options.audience;
    if (principal.issuedAt) claims["iat"] = seconds(*principal.issuedAt);
    claims["exp"] = seconds(principal.expires);
    if (!principal.tokenId.empty()) claims["jti"] = principal.tokenId;
    return claims.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<std::string> signToken(const std::string& keyFile, const Principal& principal,
                              const Options& options) {
    PARLEY_TRY_ASSIGN(const auto keys, readKeyFile(keyFile, KeyUse::sign));
    const auto& [key, id] = keys.front();
    return key.sign(claimsOf(principal, options), id);
}

}  // namespace parley::auth
