#include "auth/refusal_log.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::auth;

TEST_CASE("refused tokens are told at once, and then once a minute with their number by fault") {
    RefusalLog log;
    const std::chrono::milliseconds start{5};
    CHECK(log.count(TokenFault::expired, start) == "expired=1");
    CHECK_FALSE(log.count(TokenFault::signature, start));
    CHECK_FALSE(log.count(TokenFault::expired, start + std::chrono::milliseconds(59'999)));
    CHECK(log.count(TokenFault::expired, start + std::chrono::milliseconds(60'000)) ==
          "signature=1 expired=2");
    CHECK_FALSE(log.count(TokenFault::missing, start + std::chrono::milliseconds(60'001)));
    CHECK(log.count(TokenFault::missing, start + std::chrono::milliseconds(300'000)) ==
          "missing=2");
}
