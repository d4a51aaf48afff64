#include "gateway/clients/malformed_packets.h"

#include <catch2/catch.hpp>

using namespace parley;
using std::chrono::milliseconds;

TEST_CASE(
    "the first malformed packet is warned of at once, later ones once a minute, all counted") {
    MalformedPackets malformed;
    const milliseconds start{5'000'000};
    CHECK(malformed.count(start) == 1U);
    for (int i = 1; i <= 999; ++i) CHECK_FALSE(malformed.count(start + milliseconds(i)));
    CHECK(malformed.count(start + MalformedPackets::kBetweenWarnings) == 1000U);
    CHECK_FALSE(malformed.count(start + MalformedPackets::kBetweenWarnings));
    CHECK(malformed.count(start + 3 * MalformedPackets::kBetweenWarnings) == 2U);
    CHECK(malformed.sessions() == 1003);
}
