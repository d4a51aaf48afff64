#include "auth/base64url_decode.h"
#include "auth/key_file.h"
#include "auth/refused.h"
#include "auth/strict_json.h"

#include <parley/core/try.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <optional>

namespace parley::auth {
namespace {

constexpr int kDepthMax = 8;
constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kKeyIdBytesMax = 256;

template <auto free>
struct FreeBy {
    template <typename T>
    void operator()(T* it) const {
        free(it);
    }
};
using Number = std::unique_ptr<BIGNUM, FreeBy<&BN_clear_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeBy<&OSSL_PARAM_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeBy<&EVP_PKEY_CTX_free>>;

Number numberOf(const std::string& bytes) {
    return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                            static_cast<int>(bytes.size()), nullptr));
}

// A text member; nothing: there is none. Wrong: not a text, or an empty one.
Result<std::optional<std::string>> textIn(const Json& jwk, const char* name) {
    const auto found = jwk.find(name);
    if (found == jwk.end()) return std::optional<std::string>();
    if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
        return refused(std::string(name) + " is not a text");
    }
    return std::optional(found->get<std::string>());
}

// The bytes that a text member says; all but the private ones are needed.
Result<std::string> bytesIn(const Json& jwk, const char* name) {
    PARLEY_TRY_ASSIGN(const auto text, textIn(jwk, name));
    if (!text) return refused(std::string(name) + " is missing");
    auto bytes = decodeBase64Url(*text);
    if (!bytes) return refused(std::string(name) + " is not base64url");
    return std::move(*bytes);
}

Pkey pkeyOf(const char* type, OSSL_PARAM_BLD& builder, bool isPrivate) {
    const Params params(OSSL_PARAM_BLD_to_param(&builder));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
    EVP_PKEY_fromdata(context.get(), &key, isPrivate ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                      params.get());
    ERR_clear_error();
    return Pkey(key);
}

Result<Pkey> rsaOf(const Json& jwk, KeyUse use) {
    PARLEY_TRY_ASSIGN(const auto n, bytesIn(jwk, "n"));
    PARLEY_TRY_ASSIGN(const auto e, bytesIn(jwk, "e"));
    const Number modulus = numberOf(n);
    const Number exponent = numberOf(e);
    Number secret;
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    if (use == KeyUse::sign) {
        PARLEY_TRY_ASSIGN(const auto d, bytesIn(jwk, "d"));
        secret = numberOf(d);
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, secret.get());
    }
    auto key = pkeyOf("RSA", *builder, use == KeyUse::sign);
    if (!key) return refused("its numbers are not those of a good key");
    return key;
}

Result<Pkey> p256Of(const Json& jwk, KeyUse use) {
    PARLEY_TRY_ASSIGN(const auto curve, textIn(jwk, "crv"));
    if (curve != "P-256") return refused("of elliptic curves only P-256 is supported");
    PARLEY_TRY_ASSIGN(const auto x, bytesIn(jwk, "x"));
    PARLEY_TRY_ASSIGN(const auto y, bytesIn(jwk, "y"));
    if (x.size() != kP256Bytes || y.size() != kP256Bytes) {
        return refused("x and y need " + std::to_string(kP256Bytes) + " bytes each");
    }
    const std::string point = '\x04' + x + y;
    Number secret;
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    if (use == KeyUse::sign) {
        PARLEY_TRY_ASSIGN(const auto d, bytesIn(jwk, "d"));
        secret = numberOf(d);
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
    }
    auto key = pkeyOf("EC", *builder, use == KeyUse::sign);
    if (!key) return refused("its point is not on the curve");
    return key;
}

// Nothing: the JWK does not say; that is decided by its type.
Result<std::optional<Algorithm>> algorithmIn(const Json& jwk) {
    PARLEY_TRY_ASSIGN(const auto name, textIn(jwk, "alg"));
    if (!name) return std::optional<Algorithm>();
    const auto algorithm = parseAlgorithm(*name);
    if (!algorithm) return refused("its alg is none of HS256, RS256, PS256, ES256");
    return algorithm;
}

Result<Key> keyOf(const Json& jwk, KeyUse use) {
    PARLEY_TRY_ASSIGN(const auto type, textIn(jwk, "kty"));
    if (type == "OKP") return refused("EdDSA is not supported: use RS256, PS256 or ES256");
    PARLEY_TRY_ASSIGN(const auto algorithm, algorithmIn(jwk));
    if (type == "oct") {
        if (algorithm && algorithm != Algorithm::hs256) {
            return refused(std::string(algorithmName(*algorithm)) +
                           " is not an algorithm of such keys");
        }
        PARLEY_TRY_ASSIGN(const auto secret, bytesIn(jwk, "k"));
        return Key::ofSecret(secret);
    }
    if (type == "RSA" || type == "EC") {
        PARLEY_TRY_ASSIGN(const Pkey pkey, type == "RSA" ? rsaOf(jwk, use) : p256Of(jwk, use));
        return Key::ofPkey(*pkey, algorithm, use);
    }
    return refused("its kty is none of oct, RSA, EC");
}

// Providers publish keys for encryption in the same set.
Result<bool> isForSignatures(const Json& jwk) {
    PARLEY_TRY_ASSIGN(const auto use, textIn(jwk, "use"));
    return !use || use == "sig";
}

bool canSign(const Json& jwk) {
    return jwk.contains("d") || jwk.value("kty", Json()) == "oct";
}

// Nothing: the key is to be passed over.
Result<std::optional<NamedKey>> namedKeyOf(const Json& jwk, KeyUse use) {
    if (!jwk.is_object()) return refused("it is not an object");
    PARLEY_TRY_ASSIGN(const bool matters, isForSignatures(jwk));
    if (!matters || (use == KeyUse::sign && !canSign(jwk))) return std::optional<NamedKey>();
    PARLEY_TRY_ASSIGN(const auto id, textIn(jwk, "kid"));
    if (id && id->size() > kKeyIdBytesMax) {
        return refused("its kid has more than " + std::to_string(kKeyIdBytesMax) + " bytes");
    }
    PARLEY_TRY_ASSIGN(auto key, keyOf(jwk, use));
    return std::optional(NamedKey{std::move(key), id.value_or("")});
}

}  // namespace

Result<std::vector<NamedKey>> parseJwks(std::string_view text, KeyUse use) {
    const auto set = parseStrictObject(text, kDepthMax);
    if (!set) return refused("it is neither PEM nor good JSON");
    const auto list = set->find("keys");
    if (list == set->end() || !list->is_array()) {
        return refused("it is no JWKS: it has no list \"keys\"");
    }
    if (list->size() > kKeysOfFileMax) return refused("it has too many keys");
    std::vector<NamedKey> keys;
    for (std::size_t i = 0; i < list->size(); ++i) {
        auto key = namedKeyOf((*list)[i], use);
        if (!key) return wrongKey(i + 1, key.error().message);
        if (*key) keys.push_back(std::move(**key));
    }
    return keys;
}

}  // namespace parley::auth
