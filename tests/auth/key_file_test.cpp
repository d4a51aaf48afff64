#include "auth/key_file.h"

#include "auth/key_set.h"
#include "auth/mint.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::auth;
using Catch::Matchers::Contains;

namespace {

std::string refusal(std::string_view text, KeyUse use = KeyUse::verify) {
    const auto keys = parseKeys(text, use);
    return keys ? "none" : keys.error().message;
}

std::vector<NamedKey> good(std::string_view text, KeyUse use = KeyUse::verify) {
    auto keys = parseKeys(text, use);
    INFO((keys ? "" : keys.error().message));
    REQUIRE(keys);
    return std::move(*keys);
}

std::string secretJwks(std::string_view more) {
    return mint::jwks({mint::octJwk(mint::kSecret) + std::string(more) + '}'});
}

}  // namespace

TEST_CASE("a key has the algorithm of its alg, else that of its type") {
    const auto rsa = mint::rsaKey();
    const auto keys = good(mint::jwks({mint::octJwk(mint::kSecret) + "}", mint::rsaJwk(rsa) + "}",
                                       mint::rsaJwk(rsa) + R"(,"alg":"PS256","kid":"p"})",
                                       mint::ecJwk(mint::ecKey()) + R"(,"use":"sig"})"}));
    REQUIRE(keys.size() == 4);
    CHECK(keys[0].key.algorithm() == Algorithm::hs256);
    CHECK(keys[1].key.algorithm() == Algorithm::rs256);
    CHECK(keys[2].key.algorithm() == Algorithm::ps256);
    CHECK(keys[3].key.algorithm() == Algorithm::es256);
    CHECK(keys[1].id.empty());
    CHECK(keys[2].id == "p");
    CHECK(keys[0].key.signatureBytes() == 32);
    CHECK(keys[1].key.signatureBytes() == 256);
    CHECK(keys[3].key.signatureBytes() == 64);
    CHECK_FALSE(keys[1].key.thumbprint() == keys[2].key.thumbprint());
}

TEST_CASE("PEM holds public and private keys, several in one file") {
    const auto rsa = mint::rsaKey(3072);
    const auto ec = mint::ecKey();
    const auto keys = good(mint::publicPem(rsa) + "a comment\n" + mint::privatePem(ec));
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].key.algorithm() == Algorithm::rs256);
    CHECK(keys[0].key.signatureBytes() == 384);
    CHECK(keys[1].key.algorithm() == Algorithm::es256);
    CHECK(keys[1].key.thumbprint() == good(mint::publicPem(ec))[0].key.thumbprint());
    CHECK(keys[1].key.thumbprint() ==
          good(mint::jwks({mint::ecJwk(ec) + '}'}))[0].key.thumbprint());
}

TEST_CASE("weak keys are refused, and the reason is said") {
    CHECK_THAT(refusal(mint::publicPem(mint::rsaKey(1024))),
               Contains("key 1: an RSA key of 1024 bits is weak: it needs at least 2048"));
    CHECK_THAT(refusal(mint::jwks({mint::rsaJwk(mint::rsaKey(1024)) + "}"})),
               Contains("1024 bits"));
    CHECK_THAT(refusal(mint::jwks({mint::octJwk(mint::kSecret) + "}",
                                   mint::octJwk(mint::kSecret.substr(1)) + "}"})),
               Contains("key 2: a secret of 31 bytes is weak: it needs at least 32"));
    const std::string zero = mint::base64Url(std::string(32, '\0'));
    CHECK_THAT(refusal(mint::jwks(
                   {R"({"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + "\"}"})),
               Contains("its point is not on the curve"));
    const std::string modulus = mint::number(mint::rsaKey(), OSSL_PKEY_PARAM_RSA_N);
    for (const char* exponent : {"AQ", "AA", "BA"}) {  // 1, 0, 4
        CHECK_THAT(refusal(mint::jwks(
                       {R"({"kty":"RSA","n":")" + modulus + R"(","e":")" + exponent + "\"}"})),
                   Contains("its numbers are not those of a good key"));
    }
}

TEST_CASE("keys of other kinds are refused, and the reason is said") {
    CHECK_THAT(refusal(mint::publicPem(mint::edKey())), Contains("EdDSA is not supported"));
    CHECK_THAT(refusal(mint::jwks({R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"})),
               Contains("EdDSA is not supported"));
    CHECK_THAT(refusal(mint::publicPem(mint::ecKey("P-384"))), Contains("only P-256"));
    CHECK_THAT(refusal(mint::jwks({mint::ecJwk(mint::ecKey("P-384"), 48, "P-384") + "}"})),
               Contains("only P-256"));
    CHECK_THAT(refusal(mint::jwks({R"({"kty":"xyz"})"})), Contains("none of oct, RSA, EC"));
    CHECK_THAT(refusal("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
               Contains("it is no key, but a CERTIFICATE"));
    CHECK_THAT(refusal("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
               Contains("it cannot be decoded"));
    CHECK_THAT(refusal("-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n"),
               Contains("its PEM cannot be read"));
    CHECK_THAT(refusal("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
                       "-----END ENCRYPTED PRIVATE KEY-----\n"),
               Contains("it is encrypted"));
}

TEST_CASE("an alg that the key cannot have, or that we do not know, is refused") {
    CHECK_THAT(refusal(secretJwks(R"(,"alg":"RS256")")), Contains("RS256 is not an algorithm"));
    CHECK_THAT(refusal(secretJwks(R"(,"alg":"HS512")")), Contains("its alg is none of"));
    CHECK_THAT(refusal(secretJwks(R"(,"alg":"none")")), Contains("its alg is none of"));
    CHECK_THAT(refusal(mint::jwks({mint::ecJwk(mint::ecKey()) + R"(,"alg":"RS256"})"})),
               Contains("RS256 is not an algorithm"));
    CHECK_THAT(refusal(mint::jwks({mint::rsaJwk(mint::rsaKey()) + R"(,"alg":"HS256"})"})),
               Contains("HS256 is not an algorithm"));
}

TEST_CASE("a JWKS is read strictly, but keys that are not for signatures are passed over") {
    CHECK(good(mint::jwks({R"({"kty":"RSA","use":"enc","alg":"RSA-OAEP","n":"AQAB","e":"AQAB"})",
                           mint::octJwk(mint::kSecret) + "}"}))
              .size() == 1);
    CHECK_THAT(refusal(secretJwks(R"(,"kid":"a","kid":"b")")),
               Contains("neither PEM nor good JSON"));
    CHECK_THAT(refusal(secretJwks(R"(,"kid":7)")), Contains("kid is not a text"));
    CHECK_THAT(refusal(secretJwks(R"(,"kid":"")")), Contains("kid is not a text"));
    CHECK_THAT(refusal(R"({"kty":"oct","k":"AAAA"})"), Contains(R"(it has no list "keys")"));
    CHECK_THAT(refusal(R"({"keys":{}})"), Contains(R"(it has no list "keys")"));
    CHECK_THAT(refusal(R"({"keys":[7]})"), Contains("key 1: it is not an object"));
    CHECK_THAT(refusal(mint::jwks({R"({"kty":"oct"})"})), Contains("k is missing"));
    CHECK_THAT(refusal(mint::jwks({R"({"kty":"oct","k":"AAAA="})"})), Contains("not base64url"));
    CHECK_THAT(refusal("{"), Contains("neither PEM nor good JSON"));
    CHECK(good("neither").empty());
}

TEST_CASE("for signing the keys with a private half count, and secrets") {
    const auto rsa = mint::rsaKey();
    const auto ec = mint::ecKey();
    CHECK(good(mint::publicPem(rsa), KeyUse::sign).empty());
    CHECK(good(mint::publicPem(rsa) + mint::privatePem(ec), KeyUse::sign).size() == 1);
    const std::string d = mint::number(ec, OSSL_PKEY_PARAM_PRIV_KEY, 32);
    const auto keys = good(
        mint::jwks(
            {mint::ecJwk(ec) + "}", mint::ecJwk(ec) + R"(,"kid":"e1","d":")" + d + "\"}",
             mint::rsaJwk(rsa) + R"(,"d":")" + mint::number(rsa, OSSL_PKEY_PARAM_RSA_D) + "\"}",
             mint::octJwk(mint::kSecret) + "}"}),
        KeyUse::sign);
    REQUIRE(keys.size() == 3);
    for (const auto& [key, id] : keys) {
        const auto token = key.sign(R"({"sub":"a"})", id);
        REQUIRE(token);
        CHECK(SignedToken(*token).isBy(key));
    }
}

TEST_CASE("a set finds the keys of a kid, else those without one") {
    const auto a = mint::ecKey();
    const auto b = mint::ecKey();
    const auto c = mint::ecKey();
    auto set = KeySet::of(
        good(mint::jwks({mint::ecJwk(a) + R"(,"kid":"1"})", mint::ecJwk(b) + R"(,"kid":"1"})",
                         mint::ecJwk(b) + R"(,"kid":"1"})", mint::ecJwk(c) + "}"})));
    REQUIRE(set);
    CHECK(set->find("1").size() == 2);
    CHECK(set->find("2").size() == 1);
    CHECK(set->find("").size() == 1);
    const auto other = set->find("2")[0].thumbprint();
    CHECK(set->stillHolds({.key = other, .keyId = "2"}));
    CHECK_FALSE(set->stillHolds({.key = other, .keyId = "1"}));

    auto named = KeySet::of(good(mint::jwks({mint::ecJwk(a) + R"(,"kid":"1"})"})));
    REQUIRE(named);
    CHECK(named->find("2").empty());
    CHECK(named->find("").empty());
}

TEST_CASE("a set has at least one key, and at most 16 of one kid") {
    CHECK_FALSE(KeySet::of({}));
    std::vector<NamedKey> keys;
    for (char i = 0; i < 16; ++i) {
        auto key = Key::ofSecret(mint::kSecret + static_cast<char>('a' + i));
        REQUIRE(key);
        keys.push_back({std::move(*key), "k"});
    }
    CHECK(KeySet::of(keys));
    keys.push_back({*Key::ofSecret(mint::kSecret), "k"});
    const auto tooMany = KeySet::of(keys);
    REQUIRE_FALSE(tooMany);
    CHECK_THAT(tooMany.error().message, Contains("more than 16 keys of one kid"));
}

TEST_CASE("what is wrong with a file of keys is said with its name") {
    const TempFolder folder;
    const auto missing = readKeyFile((folder / "missing.pem").string(), KeyUse::verify);
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().message, Contains("missing.pem: it cannot be opened"));
    const auto empty = readKeyFile(mint::file(folder, "empty", ""), KeyUse::verify);
    REQUIRE_FALSE(empty);
    CHECK_THAT(empty.error().message, Contains("empty: it has no key"));
    const auto folderItself = readKeyFile(folder.path().string(), KeyUse::verify);
    REQUIRE_FALSE(folderItself);
    const auto huge =
        readKeyFile(mint::file(folder, "huge", std::string((1 << 20) + 1, ' ')), KeyUse::verify);
    REQUIRE_FALSE(huge);
    CHECK_THAT(huge.error().message, Contains("more than 1.0 MB"));
    const auto publicOnly =
        readKeyFile(mint::file(folder, "public", mint::publicPem(mint::ecKey())), KeyUse::sign);
    REQUIRE_FALSE(publicOnly);
    CHECK_THAT(publicOnly.error().message, Contains("no private key and no secret"));
}
