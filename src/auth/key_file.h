#pragma once

#include "auth/key.h"

#include <string>
#include <string_view>
#include <vector>

namespace parley::auth {

struct NamedKey {
    Key key;
    std::string id;  ///< the JWK's `kid`; empty: it has none, as in PEM
};

/// Reads the keys of a file's text: PEM with public or private keys, or a JWKS (RFC 7517) with keys
/// of the types oct, RSA and EC. Everything has to be good: the error names the first key that is
/// not. A JWK that says it is not for signatures is passed over; so is, for signing, a key without
/// its private half. At most 256 keys. Any thread.
Result<std::vector<NamedKey>> parseKeys(std::string_view text, KeyUse use);

/// The same of a file of at most 1 MB. The error names the file. No keys at all is an error, too.
Result<std::vector<NamedKey>> readKeyFile(const std::string& path, KeyUse use);

// The two forms, each in its source file.
Result<std::vector<NamedKey>> parsePem(std::string_view text, KeyUse use);
Result<std::vector<NamedKey>> parseJwks(std::string_view text, KeyUse use);

/// "key 3: " and why.
Error wrongKey(std::size_t number, const std::string& why);

inline constexpr std::size_t kKeysOfFileMax = 256;

}  // namespace parley::auth
