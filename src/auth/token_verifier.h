#pragma once

#include "auth/key_set.h"
#include "auth/revocation_list.h"
#include "auth/token_form.h"

#include <parley/auth/options.h>
#include <parley/core/clock.h>
#include <parley/domain/principal.h>

#include <optional>
#include <string_view>

namespace parley::auth {

/// Verifies tokens by one state of the files, without memory. Immutable; any thread.
class TokenVerifier {
public:
    /// Reads what the options name.
    static Result<TokenVerifier> read(const Options& options);
    TokenVerifier(Options options, KeySet keys, RevocationList revoked);

    /// Form, key, signature, claims and revocation, in this order. Never throws.
    OrFault<PrincipalPtr> verify(std::string_view token, UnixMillis now) const;

    /// See Authenticator::faultOf.
    std::optional<TokenFault> faultOf(const Principal& principal, UnixMillis now) const;

    /// See Authenticator::rulesHash.
    std::uint64_t hash() const { return hash_; }
    std::size_t keyCount() const { return keys_.size(); }
    std::size_t revocationCount() const { return revoked_.size(); }

private:
    OrFault<TokenProof> prove(std::string_view token, const TokenForm& form) const;

    Options options_;
    KeySet keys_;
    RevocationList revoked_;
    std::uint64_t hash_;
};

}  // namespace parley::auth
