#pragma once

#include "auth/algorithm.h"

#include <parley/core/result.h>
#include <parley/domain/principal.h>

#include <memory>
#include <string>
#include <string_view>

struct _cjose_jwk_int;  // cjose_jwk_t
struct _cjose_jws_int;  // cjose_jws_t
struct evp_pkey_st;     // EVP_PKEY

namespace parley::auth {

struct FreePkey {
    void operator()(evp_pkey_st* key) const;
};
/// A key as OpenSSL holds it.
using Pkey = std::unique_ptr<evp_pkey_st, FreePkey>;

/// What a key is made for. A key for signing needs its private half; a key for verifying is made
/// without it, even where a file has it.
enum class KeyUse : std::uint8_t { verify, sign };

/// One key with its one algorithm, checked for weakness. Immutable, cheap to copy; any thread.
/// An error says what is wrong with the key, and leaves the name of its file to the caller.
class Key {
public:
    /// A secret of HS256. Refused below 32 bytes.
    static Result<Key> ofSecret(const std::string& secret);
    /// An RSA key (2048 to 8192 bits) or one of the curve P-256. `algorithm`: nothing: RS256 or
    /// ES256. Refused where the algorithm is not one of such keys, or the numbers are no good key.
    static Result<Key> ofPkey(const evp_pkey_st& key, std::optional<Algorithm> algorithm,
                              KeyUse use);

    Algorithm algorithm() const { return algorithm_; }
    /// The exact length of its signatures.
    std::size_t signatureBytes() const { return signatureBytes_; }
    /// Tells it from all other keys, says nothing of a secret, and stays the same when its file is
    /// read again.
    const decltype(TokenProof::key)& thumbprint() const { return thumbprint_; }

    /// A token of this payload. REQUIRES: made for signing. `id`: becomes `kid`, unless empty.
    Result<std::string> sign(const std::string& payload, const std::string& id) const;

private:
    friend class SignedToken;
    Key() = default;

    Algorithm algorithm_{};
    std::size_t signatureBytes_ = 0;
    decltype(TokenProof::key) thumbprint_{};
    std::shared_ptr<const _cjose_jwk_int> jwk_;
};

/// A token whose signature can be asked for. One thread.
class SignedToken {
public:
    /// REQUIRES: the token has passed TokenForm::parse.
    explicit SignedToken(std::string_view token);
    /// Whether this key has signed it. REQUIRES: the token's algorithm and the length of its
    /// signature are the key's.
    bool isBy(const Key& key) const;

private:
    struct Release {
        void operator()(_cjose_jws_int* token) const;
    };
    std::unique_ptr<_cjose_jws_int, Release> jws_;
};

}  // namespace parley::auth
