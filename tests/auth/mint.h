#pragma once

#include "auth/key.h"
#include "support/temp_folder.h"

#include <parley/core/base64url.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

/// Makes keys and tokens with OpenSSL alone, the good ones and the bad, so that the tests do not
/// believe the library that they test.
namespace parley::auth::mint {

inline void must(bool good) {
    if (!good) throw std::runtime_error("OpenSSL refused what a test asked for");
}

inline std::string base64Url(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (held += 8; held >= 6; held -= 6) text += kBase64Url[bits >> (held - 6) & 63];
    }
    if (held > 0) text += kBase64Url[bits << (6 - held) & 63];
    return text;
}

inline Pkey rsaKey(unsigned int bits = 2048) {
    Pkey key(EVP_RSA_gen(bits));
    must(key != nullptr);
    return key;
}
inline Pkey ecKey(const char* curve = "P-256") {
    Pkey key(EVP_EC_gen(curve));
    must(key != nullptr);
    return key;
}
inline Pkey edKey() {
    Pkey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    must(key != nullptr);
    return key;
}

template <typename Write>
std::string written(Write write) {
    BIO* out = BIO_new(BIO_s_mem());
    must(write(out) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    std::string copy(text, static_cast<std::size_t>(size));
    BIO_free(out);
    return copy;
}
inline std::string publicPem(const Pkey& key) {
    return written([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key.get()); });
}
inline std::string privatePem(const Pkey& key) {
    return written([&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

/// A number of a key in base64url, `bytes` long; 0: as long as it needs.
inline std::string number(const Pkey& key, const char* name, int bytes = 0) {
    BIGNUM* value = nullptr;
    must(EVP_PKEY_get_bn_param(key.get(), name, &value) == 1);
    std::string text(static_cast<std::size_t>(bytes ? bytes : BN_num_bytes(value)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()),
                 static_cast<int>(text.size()));
    BN_free(value);
    return base64Url(text);
}

/// JWKs without their last brace, for more members to follow: rsaJwk(key) + R"(,"alg":"PS256"})".
inline std::string octJwk(std::string_view secret) {
    return R"({"kty":"oct","k":")" + base64Url(secret) + '"';
}
inline std::string rsaJwk(const Pkey& key) {
    return R"({"kty":"RSA","n":")" + number(key, OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
           number(key, OSSL_PKEY_PARAM_RSA_E) + '"';
}
inline std::string ecJwk(const Pkey& key, int bytes = 32, const char* curve = "P-256") {
    return std::string(R"({"kty":"EC","crv":")") + curve + R"(","x":")" +
           number(key, OSSL_PKEY_PARAM_EC_PUB_X, bytes) + R"(","y":")" +
           number(key, OSSL_PKEY_PARAM_EC_PUB_Y, bytes) + '"';
}
inline std::string jwks(std::initializer_list<std::string> keys) {
    std::string text = R"({"keys":[)";
    for (const auto& key : keys) text += (text.back() == '[' ? "" : ",") + key;
    return text + "]}";
}

/// Header and claims, which are signed.
inline std::string signedPart(std::string_view header, std::string_view claims) {
    return base64Url(header) + '.' + base64Url(claims);
}

/// A token by a secret.
inline std::string hmac(std::string_view header, std::string_view claims, std::string_view secret,
                        const EVP_MD* digest = EVP_sha256()) {
    std::string text = signedPart(header, claims);
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    must(HMAC(digest, secret.data(), static_cast<int>(secret.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), signature,
              &size) != nullptr);
    return text + '.' + base64Url({reinterpret_cast<const char*>(signature), size});
}

/// The two numbers of an ECDSA signature, `bytes` each, as tokens have them.
inline std::string rawSignature(const std::string& der, int bytes) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    must(signature != nullptr);
    std::string raw(2 * static_cast<std::size_t>(bytes), '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, bytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + bytes, bytes);
    ECDSA_SIG_free(signature);
    return raw;
}

/// The signature of a token by a private key. `pss`: with that padding.
inline std::string signature(const Pkey& key, std::string_view text,
                             const EVP_MD* digest = EVP_sha256(), bool pss = false) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* settings = nullptr;
    const bool isEd = EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519;
    must(EVP_DigestSignInit(context, &settings, isEd ? nullptr : digest, nullptr, key.get()) == 1);
    if (pss) {
        must(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1);
        must(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    must(EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1);
    std::string made(size, '\0');
    must(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(made.data()), &size, bytes,
                        text.size()) == 1);
    made.resize(size);
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) return made;
    return rawSignature(made, (EVP_PKEY_get_bits(key.get()) + 7) / 8);
}

/// A token by a private key.
inline std::string token(std::string_view header, std::string_view claims, const Pkey& key,
                         const EVP_MD* digest = EVP_sha256(), bool pss = false) {
    const std::string text = signedPart(header, claims);
    return text + '.' + base64Url(signature(key, text, digest, pss));
}

inline const std::string kSecret = "0123456789abcdef0123456789abcdef";

/// Writes `text` to a file of a test's folder; its path.
inline std::string file(const TempFolder& folder, const std::string& name, std::string_view text) {
    const auto path = folder / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
}

}  // namespace parley::auth::mint
