#include <parley/core/size_text.h>

#include <catch2/catch.hpp>

#include <cstdint>

using namespace parley;

TEST_CASE("a size has two or three digits and the unit that fits") {
    CHECK(sizeText(0) == "0 B");
    CHECK(sizeText(999) == "999 B");
    CHECK(sizeText(1000) == "1.0 kB");
    CHECK(sizeText(1 << 20) == "1.0 MB");
    CHECK(sizeText(9'949'999) == "9.9 MB");
    CHECK(sizeText(9'950'000) == "10 MB");
    CHECK(sizeText(999'499) == "999 kB");
    CHECK(sizeText(999'500) == "1.0 MB");
    CHECK(sizeText(63'086'000'000) == "63 GB");
    CHECK(sizeText(4'000'000'000'000'000) == "4000 TB");
    CHECK(sizeText(UINT64_MAX) == "18446744 TB");
}
