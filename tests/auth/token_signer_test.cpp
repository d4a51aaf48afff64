#include "auth/mint.h"

#include <parley/auth/authenticator.h>
#include <parley/auth/token_signer.h>

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::auth;

namespace {

const Principal kService{.kind = PrincipalKind::service,
                         .user = UserId::fromStored("shop \"1\""),
                         .conversations = std::vector{ConversationId::fromStored("a")},
                         .actsAs = {UserRole::customer, UserRole::robot},
                         .expires = {1'700'003'600'000},
                         .issuedAt = UnixMillis{1'700'000'000'000},
                         .tokenId = "t1"};

}  // namespace

TEST_CASE("a token that we sign says what its principal does, by every algorithm") {
    const TempFolder folder;
    const ManualClock clock;
    const auto rsa = mint::rsaKey();
    const std::string d = R"(,"d":")" + mint::number(rsa, OSSL_PKEY_PARAM_RSA_D) + '"';
    const std::vector files{
        mint::file(folder, "hs", mint::jwks({mint::octJwk(mint::kSecret) + R"(,"kid":"k 1"})"})),
        mint::file(folder, "rs.pem", mint::privatePem(rsa)),
        mint::file(folder, "ps", mint::jwks({mint::rsaJwk(rsa) + d + R"(,"alg":"PS256"})"})),
        mint::file(folder, "es.pem", mint::privatePem(mint::ecKey())),
    };
    for (const auto& keys : files) {
        CAPTURE(keys);
        const Options options{.keyFiles = {keys}, .issuer = "us", .audience = "parley"};
        const auto token = signToken(keys, kService, options);
        REQUIRE(token);
        const auto opened = Authenticator::open(options, clock);
        REQUIRE(opened);
        const auto verdict = (*opened)->verify(*token);
        REQUIRE(verdict);
        const Principal& read = *verdict.principal;
        CHECK(read.kind == kService.kind);
        CHECK(read.user == kService.user);
        CHECK_FALSE(read.role);
        CHECK(read.conversations == kService.conversations);
        CHECK(read.actsAs == kService.actsAs);
        CHECK(read.expires == kService.expires);
        CHECK(read.issuedAt == kService.issuedAt);
        CHECK(read.tokenId == kService.tokenId);
        CHECK_FALSE((*opened)->faultOf(read));
    }
}
