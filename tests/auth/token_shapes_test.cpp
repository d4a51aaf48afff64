#include "auth/mint.h"
#include "auth/token_verifier.h"

#include <catch2/catch.hpp>

#include <map>

using namespace parley;
using namespace parley::auth;

namespace {

constexpr UnixMillis kNow{1'700'000'000'000};
const std::string kClaims =
    R"({"sub":"anna","role":"cx-agent","iss":"https://id.example","aud":"parley",)"
    R"("exp":1700003600,"nbf":1699999990,"iat":1700000000,"conversations":["c1","c2"]})";

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

// Without a kid one each for HS256, RS256, ES256, and three by kids.
TokenVerifier knowing(const Pkey& rsa, const Pkey& p256) {
    const std::string secret = mint::octJwk(mint::kSecret);
    const std::string modulus = mint::rsaJwk(rsa);
    auto keys = parseKeys(
        mint::jwks({secret + "}", modulus + "}", mint::ecJwk(p256) + "}",
                    modulus + R"(,"kid":"p1","alg":"PS256"})",
                    modulus + R"(,"kid":"r1","alg":"RS256"})", secret + R"(,"kid":"k1"})"}),
        KeyUse::verify);
    REQUIRE(keys);
    auto set = KeySet::of(std::move(*keys));
    REQUIRE(set);
    return {{.issuer = "https://id.example", .audience = "parley"}, std::move(*set), {}};
}

/// Keys of all kinds, and a verifier that knows those it may.
struct World {
    Pkey rsa = mint::rsaKey();
    Pkey p256 = mint::ecKey();
    Pkey p384 = mint::ecKey("P-384");
    Pkey p521 = mint::ecKey("P-521");
    Pkey ed = mint::edKey();
    TokenVerifier verifier = knowing(rsa, p256);

    /// "good", or the name of the fault.
    std::string_view verdictOn(const std::string& token) const {
        const auto verdict = verifier.verify(token, kNow);
        const auto* fault = std::get_if<TokenFault>(&verdict);
        return fault ? tokenFaultName(*fault) : "good";
    }
};

const World& world() {
    static const World made;
    return made;
}

std::string hs(std::string_view claims) {
    return mint::hmac(R"({"alg":"HS256"})", claims, mint::kSecret);
}

struct Shape {
    std::string token;
    std::string_view verdict;
};
using Shapes = std::map<std::string, Shape>;

Shapes algorithms() {
    const World& keys = world();
    const auto by = [&](const char* header, const Pkey& key, const EVP_MD* digest, bool pss) {
        return mint::token(header, kClaims, key, digest, pss);
    };
    const auto hmac = [](const char* header, const EVP_MD* digest) {
        return mint::hmac(header, kClaims, mint::kSecret, digest);
    };
    return {
        {"HS256", {hmac(R"({"alg":"HS256","kid":"k1"})", EVP_sha256()), "good"}},
        {"HS384", {hmac(R"({"alg":"HS384","kid":"k1"})", EVP_sha384()), "algorithm"}},
        {"HS512", {hmac(R"({"alg":"HS512","kid":"k1"})", EVP_sha512()), "algorithm"}},
        {"RS256", {by(R"({"alg":"RS256","kid":"r1"})", keys.rsa, EVP_sha256(), false), "good"}},
        {"RS384",
         {by(R"({"alg":"RS384","kid":"r1"})", keys.rsa, EVP_sha384(), false), "algorithm"}},
        {"RS512",
         {by(R"({"alg":"RS512","kid":"r1"})", keys.rsa, EVP_sha512(), false), "algorithm"}},
        {"PS256", {by(R"({"alg":"PS256","kid":"p1"})", keys.rsa, EVP_sha256(), true), "good"}},
        {"PS256 by a key for RS256",
         {by(R"({"alg":"PS256","kid":"r1"})", keys.rsa, EVP_sha256(), true), "algorithm"}},
        {"PS384", {by(R"({"alg":"PS384","kid":"r1"})", keys.rsa, EVP_sha384(), true), "algorithm"}},
        {"PS512", {by(R"({"alg":"PS512","kid":"r1"})", keys.rsa, EVP_sha512(), true), "algorithm"}},
        {"ES256", {by(R"({"alg":"ES256"})", keys.p256, EVP_sha256(), false), "good"}},
        {"ES384", {by(R"({"alg":"ES384"})", keys.p384, EVP_sha384(), false), "algorithm"}},
        {"ES512", {by(R"({"alg":"ES512"})", keys.p521, EVP_sha512(), false), "algorithm"}},
        {"EdDSA", {by(R"({"alg":"EdDSA"})", keys.ed, nullptr, false), "algorithm"}},
        {"none", {mint::signedPart(R"({"alg":"none"})", kClaims) + '.', "algorithm"}},
        {"None", {mint::signedPart(R"({"alg":"None"})", kClaims) + '.', "algorithm"}},
        {"the public key as a secret",
         {mint::hmac(R"({"alg":"HS256"})", kClaims, mint::publicPem(keys.rsa)), "signature"}},
        {"the public key as a secret, by its kid",
         {mint::hmac(R"({"alg":"HS256","kid":"r1"})", kClaims, mint::publicPem(keys.rsa)),
          "algorithm"}},
        {"a kid that no key has, by a key without one",
         {hmac(R"({"alg":"HS256","kid":"k9"})", EVP_sha256()), "good"}},
        {"another secret",
         {mint::hmac(R"({"alg":"HS256"})", kClaims, "fedcba9876543210fedcba9876543210"),
          "signature"}},
    };
}

Shapes texts() {
    const std::string good = hs(kClaims);
    std::string last = good;
    const auto digit = base64UrlValue(last.back());
    last.back() = kBase64Url[(digit & ~std::size_t{3}) | ((digit + 1) & 3)];
    std::string broken = good;
    broken.insert(broken.size() - 5, "\n");
    return {
        {"a fourth part", {good + ".extra", "malformed"}},
        {"padding", {good + '=', "malformed"}},
        {"white space in the signature", {broken, "malformed"}},
        {"white space behind", {good + ' ', "malformed"}},
        {"a last digit that is not canonical", {last, "malformed"}},
        {"other digits", {good + "!!", "malformed"}},
        {"the digits of base64", {good.substr(0, good.size() - 2) + "+/", "malformed"}},
        {"dots", {"....", "malformed"}},
        {"many dots", {std::string(100'000, '.'), "too_long"}},
        {"two parts", {"a.b", "malformed"}},
        {"one part", {"abcd", "malformed"}},
        {"nothing", {"", "missing"}},
        {"one byte too many", {std::string(8001, 'A'), "too_long"}},
    };
}

Shapes signatures() {
    const std::string header = R"({"alg":"ES256"})";
    const std::string text = mint::signedPart(header, kClaims);
    const std::string raw = mint::signature(world().p256, text);
    const std::string zeros(10, '\0');
    const auto with = [&](const std::string& signature) {
        return text + '.' + mint::base64Url(signature);
    };
    return {
        {"zeros", {with(std::string(64, '\0')), "signature"}},
        {"empty", {with(""), "signature"}},
        {"odd", {with(std::string(63, '\0')), "signature"}},
        {"very long", {with(std::string(100'000, '\0')), "too_long"}},
        {"zeros put in", {with(zeros + raw.substr(0, 32) + zeros + raw.substr(32)), "signature"}},
        {"as it is", {with(raw), "good"}},
        {"cut", {with(raw.substr(0, 60)), "signature"}},
        {"an empty one of a secret",
         {mint::signedPart(R"({"alg":"HS256"})", kClaims) + '.', "signature"}},
    };
}

Shapes headers() {
    const auto with = [](const std::string& header) {
        return mint::hmac(header, kClaims, mint::kSecret);
    };
    return {
        {"alg is a number", {with(R"({"alg":256})"), "malformed"}},
        {"alg is missing", {with(R"({"typ":"JWT"})"), "malformed"}},
        {"alg is a list", {with(R"({"alg":["HS256"]})"), "malformed"}},
        {"alg is there twice", {with(R"({"alg":"HS256","alg":"HS256"})"), "malformed"}},
        {"alg has a NUL", {with("{\"alg\":\"HS256\\u0000\"}"), "algorithm"}},
        {"crit", {with(R"({"alg":"HS256","crit":["b64"],"b64":false})"), "malformed"}},
        {"an empty crit", {with(R"({"alg":"HS256","crit":[]})"), "malformed"}},
        {"kid is a number", {with(R"({"alg":"HS256","kid":1})"), "malformed"}},
        {"kid is empty", {with(R"({"alg":"HS256","kid":""})"), "malformed"}},
        {"a list", {with(R"(["HS256"])"), "malformed"}},
        {"deep",
         {with(R"({"alg":"HS256","a":)" + repeated("[", 4) + repeated("]", 4) + '}'), "malformed"}},
        {"very deep",
         {mint::signedPart(
              R"({"alg":"HS256","a":)" + repeated("[", 200'000) + repeated("]", 200'000) + '}',
              "{}") +
              ".AAAA",
          "too_long"}},
        {"a key and its address of its own",
         {with(R"({"alg":"HS256","jku":"https://evil.example/","jwk":{"kty":"oct","k":"AAAA"}})"),
          "good"}},
    };
}

Shapes payloads() {
    const std::string to = R"("aud":"parley","iss":"https://id.example","exp":1700003600)";
    const auto subject = [&](const std::string& value) {
        return hs(R"({"sub":)" + value + R"(,"role":"cx-agent",)" + to + '}');
    };
    const auto ending = [](const std::string& value) {
        return hs(
            R"({"sub":"a","role":"cx-agent","aud":"parley","iss":"https://id.example","exp":)" +
            value + '}');
    };
    return {
        {"claims twice", {hs(R"({"sub":"anna","sub":"root","role":"cx-agent"})"), "malformed"}},
        {"claims twice, one spelled otherwise",
         {hs(R"({"sub":"anna","\u0073ub":"root","role":"cx-agent"})"), "malformed"}},
        {"a list", {hs("[1,2]"), "malformed"}},
        {"a text", {hs(R"("x")"), "malformed"}},
        {"empty", {hs(""), "malformed"}},
        {"deep",
         {hs(R"({"a":)" + repeated("[", 20'000) + repeated("]", 20'000) + '}'), "too_long"}},
        {"five deep", {hs(R"({"a":[[[[]]]]})"), "malformed"}},
        {"big", {hs(R"({"sub":")" + std::string(900'000, 'a') + "\"}"), "too_long"}},
        {"exp is a text", {ending(R"("never")"), "claims"}},
        {"exp is huge", {ending("1e300"), "claims"}},
        {"exp is beyond numbers", {ending("1e999"), "malformed"}},
        {"exp is null", {ending("null"), "claims"}},
        {"exp is negative", {ending("-1"), "claims"}},
        {"exp is true", {ending("true"), "claims"}},
        {"exp is missing", {hs(R"({"sub":"a","role":"cx-agent"})"), "claims"}},
        {"expired", {hs(R"({"sub":"a","exp":1699999000,"nbf":1700005000})"), "expired"}},
        {"bad UTF-8", {hs("{\"sub\":\"a\xff\xfe\"}"), "malformed"}},
        {"NUL in sub", {subject(R"("admin\u0000x")"), "claims"}},
        {"half a surrogate in sub", {subject(R"("\ud83d")"), "malformed"}},
        {"sub is a number", {subject("5"), "claims"}},
        {"sub is empty", {subject(R"("")"), "claims"}},
        {"sub is too long", {subject('"' + std::string(129, 'a') + '"'), "claims"}},
        {"sub is missing", {hs(R"({"role":"cx-agent",)" + to + '}'), "claims"}},
        {"something behind", {hs(R"({"sub":"a"} {"sub":"b"})"), "malformed"}},
        {"a comment", {hs(R"({/*c*/"sub":"a"})"), "malformed"}},
    };
}

void expect(const Shapes& shapes) {
    for (const auto& [name, shape] : shapes) {
        CAPTURE(name);
        CHECK(world().verdictOn(shape.token) == shape.verdict);
    }
}

}  // namespace

TEST_CASE("a token is verified by the one algorithm of its key") {
    expect(algorithms());
}

TEST_CASE("a token has one spelling") {
    expect(texts());
}

TEST_CASE("a signature has exactly the length of its algorithm") {
    expect(signatures());
}

TEST_CASE("a header is a flat object that asks for nothing unknown") {
    expect(headers());
}

TEST_CASE("claims are one object that every reader reads alike") {
    expect(payloads());
}

TEST_CASE("a changed bit anywhere in a token is noticed") {
    const std::string good = mint::token(R"({"alg":"ES256"})", kClaims, world().p256);
    REQUIRE(world().verdictOn(good) == "good");
    for (std::size_t i = 0; i < good.size(); i += 7) {
        std::string changed = good;
        changed[i] = changed[i] == 'B' ? 'C' : 'B';
        CAPTURE(i);
        CHECK(world().verdictOn(changed) != "good");
    }
}
