#include "auth/token_verifier.h"

#include "auth/claims.h"

#include <parley/core/check.h>
#include <parley/core/try.h>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace parley::auth {
namespace {

Error named(std::string_view setting, const Error& error) {
    return {error.code, std::string(setting) + ": " + error.message};
}

// SHA-256 of the lines in an order that does not depend on the files', its first 8 bytes.
std::uint64_t hashOf(std::vector<std::string> lines) {
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const auto& line : lines) text += std::to_string(line.size()) + ':' + line + '\n';
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    PARLEY_CHECK(
        EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
    std::uint64_t hash = 0;
    for (int i = 0; i < 8; ++i) hash = hash << 8U | digest[static_cast<std::size_t>(i)];
    return std::max<std::uint64_t>(hash, 1);
}

std::uint64_t hashOf(const Options& options, const KeySet& keys, const RevocationList& revoked) {
    auto lines = keys.describe();
    for (auto& line : revoked.describe()) lines.push_back(std::move(line));
    const auto& claims = options.claims;
    lines.push_back("iss " + options.issuer);
    lines.push_back("aud " + options.audience);
    lines.push_back("kind " + claims.kind);
    lines.push_back("role " + claims.role);
    lines.push_back("conversations " + claims.conversations);
    lines.push_back("roles " + claims.roles);
    return hashOf(std::move(lines));
}

}  // namespace

TokenVerifier::TokenVerifier(Options options, KeySet keys, RevocationList revoked)
    : options_(std::move(options)),
      keys_(std::move(keys)),
      revoked_(std::move(revoked)),
      hash_(hashOf(options_, keys_, revoked_)) {}

Result<TokenVerifier> TokenVerifier::read(const Options& options) {
    auto keys = KeySet::read(options.keyFiles);
    if (!keys) return named("auth.keys", keys.error());
    if (options.revokedFile.empty()) return TokenVerifier(options, std::move(*keys), {});
    auto revoked = RevocationList::read(options.revokedFile);
    if (!revoked) return named("auth.revoked", revoked.error());
    return TokenVerifier(options, std::move(*keys), std::move(*revoked));
}

OrFault<PrincipalPtr> TokenVerifier::verify(std::string_view token, UnixMillis now) const {
    const auto form = TokenForm::parse(token, options_.tokenBytesMax);
    if (const auto* fault = std::get_if<TokenFault>(&form)) return *fault;
    auto proof = prove(token, std::get<TokenForm>(form));
    if (const auto* fault = std::get_if<TokenFault>(&proof)) return *fault;
    auto principal = principalOf(std::get<TokenForm>(form).claims, options_, now);
    if (const auto* fault = std::get_if<TokenFault>(&principal)) return *fault;
    auto& made = std::get<Principal>(principal);
    if (revoked_.revokes(made)) return TokenFault::revoked;
    made.proof = std::move(std::get<TokenProof>(proof));
    return PrincipalPtr(std::make_shared<const Principal>(std::move(made)));
}

// The key decides on the algorithm, and the header only has to agree: a token cannot choose one
// for which a public key is a secret.
OrFault<TokenProof> TokenVerifier::prove(std::string_view token, const TokenForm& form) const {
    const auto keys = keys_.find(form.keyId);
    if (keys.empty()) return TokenFault::unknownKey;
    TokenFault fault = TokenFault::algorithm;
    std::optional<SignedToken> jws;  // only once a key fits: forged tokens are cheap until then
    for (const Key& key : keys) {
        if (key.algorithm() != form.algorithm) continue;
        fault = TokenFault::signature;
        if (key.signatureBytes() != form.signatureBytes) continue;
        if (!jws) jws.emplace(token);
        if (jws->isBy(key)) return TokenProof{.key = key.thumbprint(), .keyId = form.keyId};
    }
    return fault;
}

std::optional<TokenFault> TokenVerifier::faultOf(const Principal& principal, UnixMillis now) const {
    if (now >= principal.expires) return TokenFault::expired;
    if (revoked_.revokes(principal)) return TokenFault::revoked;
    if (!keys_.stillHolds(principal.proof)) return TokenFault::unknownKey;
    return std::nullopt;
}

}  // namespace parley::auth
