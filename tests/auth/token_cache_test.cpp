#include "auth/token_cache.h"

#include <parley/core/hex.h>

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::auth;

namespace {

PrincipalPtr ending(std::int64_t at) {
    return std::make_shared<const Principal>(Principal{.expires = {at}});
}

}  // namespace

TEST_CASE("tokens are known by their SHA-256") {
    const TokenCache cache(1);
    CHECK(toHex(cache.hash("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a remembered token counts until its end, and for its generation of keys") {
    TokenCache cache(10);
    const auto a = cache.hash("a");
    const auto principal = ending(100);
    CHECK_FALSE(cache.find(a, 1, {0}));
    cache.add(a, 1, principal);
    CHECK(cache.find(a, 1, {99}) == principal);
    CHECK_FALSE(cache.find(cache.hash("b"), 1, {0}));
    CHECK_FALSE(cache.find(a, 1, {100}));
    CHECK(cache.size() == 0);
    cache.add(a, 1, principal);
    CHECK_FALSE(cache.find(a, 2, {0}));
    CHECK(cache.size() == 0);
}

TEST_CASE("a full cache forgets the token that was not asked for the longest") {
    TokenCache cache(2);
    const auto a = cache.hash("a"), b = cache.hash("b"), c = cache.hash("c");
    cache.add(a, 1, ending(100));
    cache.add(b, 1, ending(100));
    CHECK(cache.find(a, 1, {0}));
    cache.add(c, 1, ending(100));
    CHECK(cache.find(a, 1, {0}));
    CHECK_FALSE(cache.find(b, 1, {0}));
    CHECK(cache.find(c, 1, {0}));
    for (int i = 0; i < 1000; ++i) cache.add(cache.hash(std::to_string(i)), 1, ending(100));
    CHECK(cache.size() == 2);
}

TEST_CASE("a token that is added twice is held once, as it came last") {
    TokenCache cache(2);
    const auto a = cache.hash("a");
    const auto last = ending(200);
    cache.add(a, 1, ending(100));
    cache.add(a, 2, last);
    CHECK(cache.size() == 1);
    CHECK(cache.find(a, 2, {0}) == last);
}
