#include <parley/auth/credentials.h>

#include <catch2/catch.hpp>

using namespace parley::auth;

TEST_CASE("a bearer token is what follows its scheme") {
    CHECK(bearerToken("Bearer a.b.c") == "a.b.c");
    CHECK(bearerToken("bEARER \t a.b.c ") == "a.b.c");
    CHECK(bearerToken("  Bearer x") == "x");
    CHECK(bearerToken("Bearer a b") == "a b");  // no token, which the form refuses
    CHECK_FALSE(bearerToken("Bearer"));
    CHECK_FALSE(bearerToken("Bearerx y"));
    CHECK_FALSE(bearerToken("Basic YTpi"));
    CHECK_FALSE(bearerToken("a.b.c"));
    CHECK_FALSE(bearerToken(""));
}

TEST_CASE("a cookie is found by its exact name") {
    CHECK(cookieValue("a=1; token=x.y.z; b=2", "token") == "x.y.z");
    CHECK(cookieValue("token=x", "token") == "x");
    CHECK(cookieValue(" token = \"x\" ;", "token") == "x");
    CHECK(cookieValue("token=a=b", "token") == "a=b");
    CHECK(cookieValue("token=", "token") == "");
    CHECK_FALSE(cookieValue("Token=x; xtoken=y; tokenx=z", "token"));
    CHECK_FALSE(cookieValue("token", "token"));
    CHECK_FALSE(cookieValue("", "token"));
    CHECK_FALSE(cookieValue(";;;=;", "token"));
}

TEST_CASE("two cookies of one name are none, as one of them may be planted") {
    CHECK_FALSE(cookieValue("token=a; token=b", "token"));
    CHECK_FALSE(cookieValue("token=a; token=a", "token"));
}
