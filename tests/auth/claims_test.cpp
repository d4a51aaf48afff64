#include "auth/claims.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::auth;

namespace {

constexpr UnixMillis kNow{1'700'000'000'000};

OrFault<Principal> read(const std::string& claims, const Options& options = {}) {
    const auto json = parseJson(R"({"sub":"anna","exp":1700003600)" + claims + '}');
    REQUIRE(json);
    return principalOf(*json, options, kNow);
}

Principal good(const std::string& claims, const Options& options = {}) {
    auto read_ = read(claims, options);
    REQUIRE(std::holds_alternative<Principal>(read_));
    return std::get<Principal>(read_);
}

std::string_view fault(const std::string& claims, const Options& options = {}) {
    const auto read_ = read(claims, options);
    const auto* fault = std::get_if<TokenFault>(&read_);
    return fault ? tokenFaultName(*fault) : "good";
}

std::string_view faultOfTimes(const std::string& times, const Options& options = {}) {
    const auto json = parseJson(R"({"sub":"anna","role":"cx-agent")" + times + '}');
    REQUIRE(json);
    const auto read_ = principalOf(*json, options, kNow);
    const auto* fault = std::get_if<TokenFault>(&read_);
    return fault ? tokenFaultName(*fault) : "good";
}

}  // namespace

TEST_CASE("a person is of one of the three roles") {
    CHECK(good(R"(,"role":"cx-agent")").kind == PrincipalKind::person);
    CHECK(good(R"(,"role":"cx-agent")").role == UserRole::agent);
    CHECK(good(R"(,"kind":"person","role":"cx-customer")").role == UserRole::customer);
    CHECK(good(R"(,"role":"cx-supervisor")").user.str() == "anna");
    CHECK(fault("") == "claims");
    CHECK(fault(R"(,"kind":"person")") == "claims");
    CHECK(fault(R"(,"role":"admin")") == "claims");
    CHECK(fault(R"(,"role":["cx-agent"])") == "claims");
    CHECK(fault(R"(,"role":null)") == "claims");
}

TEST_CASE("the role robot means the kind robot") {
    for (const char* claims :
         {R"(,"role":"robot")", R"(,"kind":"robot")", R"(,"kind":"robot","role":"robot")"}) {
        const auto robot = good(claims);
        CHECK(robot.kind == PrincipalKind::robot);
        CHECK(robot.role == UserRole::robot);
    }
    CHECK(fault(R"(,"kind":"person","role":"robot")") == "claims");
    CHECK(fault(R"(,"kind":"robot","role":"cx-agent")") == "claims");
}

TEST_CASE("services, auditors and operators have no role, whatever the claim says") {
    for (const char* kind : {"service", "auditor", "operator"}) {
        const auto one = good(std::string(R"(,"role":"cx-agent","kind":")") + kind + '"');
        CHECK(principalKindName(one.kind) == kind);
        CHECK_FALSE(one.role);
    }
    CHECK(fault(R"(,"kind":"none","role":"cx-agent")") == "claims");
    CHECK(fault(R"(,"kind":"root","role":"cx-agent")") == "claims");
    CHECK(fault(R"(,"kind":7,"role":"cx-agent")") == "claims");
}

TEST_CASE("a service acts as users of the roles that it names, or of all") {
    CHECK(good(R"(,"kind":"service")").actsAs ==
          std::vector{UserRole::customer, UserRole::agent, UserRole::supervisor, UserRole::robot});
    CHECK(good(R"(,"kind":"service","roles":["robot","cx-customer","robot"])").actsAs ==
          std::vector{UserRole::customer, UserRole::robot});
    CHECK(good(R"(,"kind":"service","roles":[])").actsAs.empty());
    CHECK(fault(R"(,"kind":"service","roles":["cx-agent","admin"])") == "claims");
    CHECK(fault(R"(,"kind":"service","roles":"cx-agent")") == "claims");
    CHECK(good(R"(,"role":"cx-agent","roles":["Admin"])").actsAs.empty());
}

TEST_CASE("a list of conversations is sorted, and every id in it is valid") {
    CHECK_FALSE(good(R"(,"role":"cx-agent")").conversations);
    CHECK(good(R"(,"role":"cx-agent","conversations":[])").conversations->empty());
    const auto listed = good(R"(,"role":"cx-agent","conversations":["b","a","b"])").conversations;
    REQUIRE(listed);
    CHECK(listed == std::vector{ConversationId::fromStored("a"), ConversationId::fromStored("b")});
    CHECK(fault(R"(,"role":"cx-agent","conversations":"a")") == "claims");
    CHECK(fault(R"(,"role":"cx-agent","conversations":["a",7])") == "claims");
    CHECK(fault(R"(,"role":"cx-agent","conversations":[""])") == "claims");
    CHECK(fault(R"(,"role":"cx-agent","conversations":null)") == "claims");
}

TEST_CASE("clocks may differ by the skew") {
    const Options strict{.skew = std::chrono::milliseconds(0)};
    CHECK(faultOfTimes(R"(,"exp":1700000001)") == "good");
    CHECK(faultOfTimes(R"(,"exp":1700000000)", strict) == "expired");
    CHECK(faultOfTimes(R"(,"exp":1699999941)") == "good");
    CHECK(faultOfTimes(R"(,"exp":1699999940)") == "expired");
    CHECK(faultOfTimes(R"(,"exp":1700003600,"nbf":1700000060)") == "good");
    CHECK(faultOfTimes(R"(,"exp":1700003600,"nbf":1700000061)") == "not_yet_valid");
    CHECK(faultOfTimes(R"(,"exp":1700003600,"nbf":1700000001)", strict) == "not_yet_valid");
    CHECK(faultOfTimes(R"(,"exp":1700003600,"nbf":"soon")") == "claims");
    CHECK(faultOfTimes(R"(,"exp":1700003600,"iat":[])") == "claims");
    CHECK(faultOfTimes("") == "claims");
}

TEST_CASE("a principal ends with its token, or with the skew if the token came that late") {
    CHECK(good(R"(,"role":"cx-agent")").expires.value == 1'700'003'600'000);
    const auto late = parseJson(R"({"sub":"anna","role":"cx-agent","exp":1699999990.5})");
    const auto read_ = principalOf(*late, {}, kNow);
    REQUIRE(std::holds_alternative<Principal>(read_));
    CHECK(std::get<Principal>(read_).expires.value == 1'700'000'050'500);
}

TEST_CASE("issuer and audience are compared where the options name them") {
    const Options options{.issuer = "https://id.example", .audience = "parley"};
    const std::string role = R"(,"role":"cx-agent")";
    CHECK(fault(role + R"(,"iss":"https://id.example","aud":"parley")", options) == "good");
    CHECK(fault(role + R"(,"iss":"https://id.example","aud":["x","parley"])", options) == "good");
    CHECK(fault(role + R"(,"aud":"parley")", options) == "issuer");
    CHECK(fault(role + R"(,"iss":"https://id.example/","aud":"parley")", options) == "issuer");
    CHECK(fault(role + R"(,"iss":["https://id.example"],"aud":"parley")", options) == "issuer");
    CHECK(fault(role + R"(,"iss":"https://id.example")", options) == "audience");
    CHECK(fault(role + R"(,"iss":"https://id.example","aud":"x")", options) == "audience");
    CHECK(fault(role + R"(,"iss":"https://id.example","aud":[])", options) == "audience");
    CHECK(fault(role + R"(,"iss":"https://id.example","aud":[["parley"]])", options) == "audience");
    CHECK(fault(role + R"(,"iss":7,"aud":7)") == "good");
}

TEST_CASE("the options name the claims") {
    const Options options{
        .claims = {.kind = "https://x/kind", .role = "r", .conversations = "c", .roles = "rs"}};
    const auto service =
        good(R"(,"https://x/kind":"service","rs":["robot"],"c":["a"],"role":7,"kind":7)", options);
    CHECK(service.kind == PrincipalKind::service);
    CHECK(service.actsAs == std::vector{UserRole::robot});
    CHECK(service.conversations->size() == 1);
    CHECK(good(R"(,"r":"cx-agent")", options).role == UserRole::agent);
}

TEST_CASE("what a revocation needs is kept") {
    const auto principal = good(R"(,"role":"cx-agent","iat":1699999999.25,"jti":"t1")");
    CHECK(principal.issuedAt->value == 1'699'999'999'250);
    CHECK(principal.tokenId == "t1");
    CHECK_FALSE(good(R"(,"role":"cx-agent")").issuedAt);
    CHECK(fault(R"(,"role":"cx-agent","jti":7)") == "claims");
}
