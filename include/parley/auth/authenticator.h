#pragma once

#include <parley/auth/options.h>
#include <parley/auth/token_fault.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/domain/principal.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace parley::auth {

/// What became of a token: a principal, or why there is none.
struct Verdict {
    PrincipalPtr principal;  ///< null: refused
    TokenFault fault{};      ///< meaningless where there is a principal

    explicit operator bool() const { return principal != nullptr; }
};

class TokenVerifier;
/// What the files of keys and revocations say at one moment.
using AuthFiles = std::shared_ptr<const TokenVerifier>;

/// Turns tokens into principals: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, signed
/// with HS256, RS256, PS256 or ES256. Holds the keys, the revocations, and the tokens that it has
/// verified lately. A token, or a part of one, is in no message and in no log.
class Authenticator {
public:
    /// Reads the files that the options name. The error says which file and which key of it is
    /// wrong. The clock outlives this.
    static Result<std::unique_ptr<Authenticator>> open(Options options, const Clock& clock);
    ~Authenticator();

    /// Any thread. Never throws. Takes half a microsecond for a token that is remembered; otherwise
    /// 8 (HS256) to 70 (ES256) for each key that may have signed it. An empty token is `missing`.
    Verdict verify(std::string_view token);

    /// The principal of a token that is remembered; null where `verify` would have to verify it, or
    /// would refuse it. Any thread; half a microsecond.
    PrincipalPtr recall(std::string_view token);

    /// Reads the files again, without effect yet: what they say counts once it is given to `use`.
    /// So that a reload of more than these files can be all or nothing. Any thread; blocks.
    Result<AuthFiles> readFiles() const;
    /// From now on these count; remembered tokens are forgotten. Afterwards ask `faultOf` for each
    /// live connection. Any thread; `verify` goes on meanwhile.
    void use(AuthFiles files);
    /// Both, where nothing else is reloaded. On an error all stays as it was.
    Result<void> reload();

    /// Whether the token of a principal, which was verified before, would be refused now: because
    /// it has ended or was revoked, or because its key is gone. Nothing: it still counts.
    /// REQUIRES: the principal is from `verify`. Any thread; no signature is computed.
    std::optional<TokenFault> faultOf(const Principal& principal) const;

    /// Stands for what tokens are checked by now: keys, revocations, issuer, audience and the names
    /// of claims. Servers with the same number accept the same tokens as long as their clocks
    /// agree; it is never 0, and says nothing of a secret. Any thread.
    std::uint64_t rulesHash() const;

    /// How many tokens `verify` has refused for this reason. Any thread.
    std::uint64_t refused(TokenFault fault) const;
    /// How many tokens it has accepted, and how many of those it remembered. Any thread.
    std::uint64_t accepted() const;
    std::uint64_t remembered() const;

    const Options& options() const;

private:
    class Impl;
    explicit Authenticator(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace parley::auth
