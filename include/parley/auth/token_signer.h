#pragma once

#include <parley/auth/options.h>
#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/principal.h>

#include <string>

namespace parley::auth {

/// Makes a token that says what `principal` does: its kind, user, role, conversations, roles, id
/// and times; `expires` becomes `exp`. For first tries and for tests: in production an identity
/// provider makes tokens. Signs with the first private or symmetric key of the file, which is PEM
/// or a JWKS. `options`: the names of the claims; issuer and audience, which the token names too
/// where they are not empty. Any thread.
Result<std::string> signToken(const std::string& keyFile, const Principal& principal,
                              const Options& options);

}  // namespace parley::auth
