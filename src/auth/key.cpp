#include "auth/key.h"

#include <parley/core/check.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cjose/cjose.h>
#include <vector>

namespace parley::auth {
namespace {

constexpr std::size_t kSecretBytesMin = 32;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;  // beyond it one verification takes milliseconds
constexpr std::size_t kP256Bytes = 32;

using Bytes = std::vector<std::uint8_t>;

Error refused(const std::string& why) {
    ERR_clear_error();
    return {ErrorCode::invalid_setting, why};
}

std::shared_ptr<const cjose_jwk_t> shared(cjose_jwk_t* jwk) {
    return {jwk, [](cjose_jwk_t* last) { cjose_jwk_release(last); }};
}

// A number of the key, big-endian; empty: it has none of that name.
Bytes numberOf(const EVP_PKEY& key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(&key, name, &number) != 1) {
        ERR_clear_error();
        return {};
    }
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes.data());
    BN_clear_free(number);
    return bytes;
}

decltype(TokenProof::key) thumbprintOf(Algorithm algorithm, std::initializer_list<Bytes> parts) {
    Bytes text;
    const auto name = algorithmName(algorithm);
    text.insert(text.end(), name.begin(), name.end());
    for (const Bytes& part : parts) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            text.push_back(static_cast<std::uint8_t>(part.size() >> shift & 0xFF));
        }
        text.insert(text.end(), part.begin(), part.end());
    }
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    PARLEY_CHECK(
        EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
    decltype(TokenProof::key) thumbprint;
    std::copy_n(digest.begin(), thumbprint.size(), thumbprint.begin());
    return thumbprint;
}

bool isGoodPublicKey(const EVP_PKEY& key) {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(const_cast<EVP_PKEY*>(&key), nullptr), &EVP_PKEY_CTX_free);
    return context && EVP_PKEY_public_check(context.get()) == 1;
}

bool isP256(const EVP_PKEY& key) {
    std::array<char, 64> name{};
    return EVP_PKEY_get_group_name(&key, name.data(), name.size(), nullptr) == 1 &&
           std::string_view(name.data()) == SN_X9_62_prime256v1;
}

cjose_jwk_t* rsaJwk(const EVP_PKEY& key, KeyUse use) {
    Bytes n = numberOf(key, OSSL_PKEY_PARAM_RSA_N);
    Bytes e = numberOf(key, OSSL_PKEY_PARAM_RSA_E);
    Bytes d = use == KeyUse::sign ? numberOf(key, OSSL_PKEY_PARAM_RSA_D) : Bytes();
    if (use == KeyUse::sign && d.empty()) return nullptr;
    cjose_jwk_rsa_keyspec spec{};
    spec.n = n.data();
    spec.nlen = n.size();
    spec.e = e.data();
    spec.elen = e.size();
    spec.d = d.empty() ? nullptr : d.data();
    spec.dlen = d.size();
    return cjose_jwk_create_RSA_spec(&spec, nullptr);
}

cjose_jwk_t* p256Jwk(const EVP_PKEY& key, KeyUse use) {
    Bytes x = numberOf(key, OSSL_PKEY_PARAM_EC_PUB_X);
    Bytes y = numberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y);
    Bytes d = use == KeyUse::sign ? numberOf(key, OSSL_PKEY_PARAM_PRIV_KEY) : Bytes();
    if (use == KeyUse::sign && d.empty()) return nullptr;
    cjose_jwk_ec_keyspec spec{};
    spec.crv = CJOSE_JWK_EC_P_256;
    spec.x = x.data();
    spec.xlen = x.size();
    spec.y = y.data();
    spec.ylen = y.size();
    spec.d = d.empty() ? nullptr : d.data();
    spec.dlen = d.size();
    return cjose_jwk_create_EC_spec(&spec, nullptr);
}

// What cannot be a key of any algorithm here; nothing: it can.
std::optional<std::string> wrongKind(const EVP_PKEY& key) {
    switch (EVP_PKEY_get_base_id(&key)) {
        case EVP_PKEY_RSA:
            if (EVP_PKEY_get_bits(&key) < kRsaBitsMin) {
                return "an RSA key of " + std::to_string(EVP_PKEY_get_bits(&key)) +
                       " bits is weak: it needs at least " + std::to_string(kRsaBitsMin);
            }
            if (EVP_PKEY_get_bits(&key) > kRsaBitsMax) {
                return "an RSA key may have at most " + std::to_string(kRsaBitsMax) + " bits";
            }
            return std::nullopt;
        case EVP_PKEY_EC:
            if (isP256(key)) return std::nullopt;
            return "of elliptic curves only P-256 is supported";
        case EVP_PKEY_ED25519:
        case EVP_PKEY_ED448: return "EdDSA is not supported: use RS256, PS256 or ES256";
        case EVP_PKEY_RSA_PSS:
            return "a key of type RSA-PSS is not supported: use an RSA key, and PS256 as its alg "
                   "in a JWKS";
        default: return "it is neither an RSA key nor one of the curve P-256";
    }
}

}  // namespace

void FreePkey::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

Result<Key> Key::ofSecret(const std::string& secret) {
    if (secret.size() < kSecretBytesMin) {
        return refused("a secret of " + std::to_string(secret.size()) +
                       " bytes is weak: it needs at least " + std::to_string(kSecretBytesMin));
    }
    Key key;
    key.algorithm_ = Algorithm::hs256;
    key.signatureBytes_ = 32;
    key.thumbprint_ = thumbprintOf(Algorithm::hs256, {Bytes(secret.begin(), secret.end())});
    key.jwk_ = shared(cjose_jwk_create_oct_spec(
        reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size(), nullptr));
    if (!key.jwk_) return refused("it cannot be used");
    return key;
}

Result<Key> Key::ofPkey(const evp_pkey_st& pkey, std::optional<Algorithm> algorithm, KeyUse use) {
    if (const auto why = wrongKind(pkey)) return refused(*why);
    const bool isRsa = EVP_PKEY_get_base_id(&pkey) == EVP_PKEY_RSA;
    if (!algorithm) algorithm = isRsa ? Algorithm::rs256 : Algorithm::es256;
    if (keyTypeOf(*algorithm) != (isRsa ? "RSA" : "EC")) {
        return refused(std::string(algorithmName(*algorithm)) +
                       " is not an algorithm of such keys");
    }
    if (!isGoodPublicKey(pkey)) return refused("its numbers are not those of a good key");

    Key key;
    key.algorithm_ = *algorithm;
    key.signatureBytes_ =
        isRsa ? static_cast<std::size_t>(EVP_PKEY_get_size(&pkey)) : 2 * kP256Bytes;
    key.thumbprint_ = isRsa ? thumbprintOf(*algorithm, {numberOf(pkey, OSSL_PKEY_PARAM_RSA_N),
                                                        numberOf(pkey, OSSL_PKEY_PARAM_RSA_E)})
                            : thumbprintOf(*algorithm, {numberOf(pkey, OSSL_PKEY_PARAM_EC_PUB_X),
                                                        numberOf(pkey, OSSL_PKEY_PARAM_EC_PUB_Y)});
    key.jwk_ = shared(isRsa ? rsaJwk(pkey, use) : p256Jwk(pkey, use));
    if (!key.jwk_) {
        return refused(use == KeyUse::sign ? "it is a public key" : "it cannot be used");
    }
    return key;
}

Result<std::string> Key::sign(const std::string& payload, const std::string& id) const {
    const std::unique_ptr<cjose_header_t, decltype(&cjose_header_release)> header(
        cjose_header_new(nullptr), &cjose_header_release);
    const std::string algorithm(algorithmName(algorithm_));
    bool good = header && cjose_header_set(header.get(), "alg", algorithm.c_str(), nullptr) &&
                cjose_header_set(header.get(), "typ", "JWT", nullptr);
    if (!id.empty()) good = good && cjose_header_set(header.get(), "kid", id.c_str(), nullptr);
    if (!good) return refused("the header cannot be written");
    const std::unique_ptr<cjose_jws_t, decltype(&cjose_jws_release)> jws(
        cjose_jws_sign(jwk_.get(), header.get(),
                       reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(),
                       nullptr),
        &cjose_jws_release);
    const char* token = nullptr;
    if (!jws || !cjose_jws_export(jws.get(), &token, nullptr)) return refused("it cannot sign");
    return std::string(token);
}

void SignedToken::Release::operator()(_cjose_jws_int* token) const {
    cjose_jws_release(token);
}

SignedToken::SignedToken(std::string_view token)
    : jws_(cjose_jws_import(token.data(), token.size(), nullptr)) {}

bool SignedToken::isBy(const Key& key) const {
    const bool good = jws_ && cjose_jws_verify(jws_.get(), key.jwk_.get(), nullptr);
    if (!good) ERR_clear_error();  // the next user of OpenSSL on this thread looks there
    return good;
}

}  // namespace parley::auth
