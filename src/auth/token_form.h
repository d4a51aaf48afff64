#pragma once

#include "auth/algorithm.h"

#include <parley/auth/token_fault.h>
#include <parley/core/json.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace parley::auth {

/// What was asked for, or the fault of the token.
template <typename T>
using OrFault = std::variant<T, TokenFault>;

/// A token that has the one form in which we read it, before anything is known of its signature.
struct TokenForm {
    Algorithm algorithm{};
    std::string keyId;  ///< `kid`; empty: it has none
    Json claims;        ///< an object
    std::size_t signatureBytes = 0;

    /// The compact form of RFC 7515, section 3.1, and stricter than it, so that nobody else can
    /// read another token in the same bytes: three parts of canonical base64url; header and claims
    /// are JSON objects with no name twice and at most 4 deep; no `crit`, as we know no extension.
    /// Never throws. Any thread.
    static OrFault<TokenForm> parse(std::string_view token, std::size_t bytesMax);
};

}  // namespace parley::auth
