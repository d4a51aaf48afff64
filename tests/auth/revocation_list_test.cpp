#include "auth/revocation_list.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::auth;
using Catch::Matchers::Contains;

namespace {

Principal principal(const std::string& user, const std::string& tokenId,
                    std::optional<UnixMillis> issuedAt) {
    return {.kind = PrincipalKind::person,
            .user = UserId::fromStored(user),
            .role = UserRole::agent,
            .issuedAt = issuedAt,
            .tokenId = tokenId};
}

RevocationList good(std::string_view text) {
    auto list = RevocationList::parse(text);
    INFO((list ? "" : list.error().message));
    REQUIRE(list);
    return std::move(*list);
}

std::string refusal(std::string_view text) {
    const auto list = RevocationList::parse(text);
    return list ? "none" : list.error().message;
}

}  // namespace

TEST_CASE("a token is revoked by its id") {
    const auto list = good("{\"jti\":\"t1\"}\r\n\n{ \"jti\" : \"t2\" }");
    CHECK(list.size() == 2);
    CHECK(list.revokes(principal("anna", "t1", {})));
    CHECK(list.revokes(principal("bob", "t2", {})));
    CHECK_FALSE(list.revokes(principal("t1", "t3", {})));
    CHECK_FALSE(list.revokes(principal("anna", "", {})));
}

TEST_CASE("a user's tokens are revoked if they are older than a time, or do not say") {
    const auto list = good(
        "{\"sub\":\"anna\",\"notBefore\":1700000000}\n"
        "{\"notBefore\":1600000000,\"sub\":\"anna\"}\n");
    CHECK(list.revokes(principal("anna", "t1", UnixMillis{1'699'999'999'999})));
    CHECK_FALSE(list.revokes(principal("anna", "t1", UnixMillis{1'700'000'000'000})));
    CHECK(list.revokes(principal("anna", "t1", {})));
    CHECK_FALSE(list.revokes(principal("bob", "t1", {})));
}

TEST_CASE("the first line that is wrong is named") {
    const std::string good = "{\"jti\":\"t1\"}\n";
    for (const char* line :
         {"x", "[]", "{}", R"({"jti":7})", R"({"jti":"a","sub":"b"})", R"({"jti":"a","jti":"b"})",
          R"({"sub":"a"})", R"({"notBefore":1})", R"({"sub":7,"notBefore":1})",
          R"({"sub":"","notBefore":1})", R"({"sub":"a","notBefore":"1"})",
          R"({"sub":"a","notBefore":-1})", R"({"sub":"a","notBefore":1,"x":1})",
          R"({"jti":"a"}{"jti":"b"})", R"({"jti":["a"]})"}) {
        CAPTURE(line);
        CHECK_THAT(refusal(good + line + "\n" + good), Contains("line 2: "));
    }
}

TEST_CASE("a list has at most 100,000 lines") {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "{\"jti\":\"" + std::to_string(i) + "\"}\n";
    CHECK(good(text).size() == 100'000);
    CHECK_THAT(refusal(text + "\n"), Contains("more than 100000 lines"));
}

TEST_CASE("an empty list revokes nothing, and a missing file is an error") {
    CHECK(good("").size() == 0);
    CHECK_FALSE(RevocationList().revokes(principal("anna", "t1", {})));
    const auto missing = RevocationList::read("/nonexistent/revoked");
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().message, Contains("/nonexistent/revoked: it cannot be opened"));
}
