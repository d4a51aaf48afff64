#include <parley/core/brief_wait.h>

#include <catch2/catch.hpp>

#include <random>

using parley::BriefWait;

TEST_CASE("what comes soon is found, every time") {
    BriefWait wait(10);
    for (int i = 0; i < 100; ++i) {
        int looks = 0;
        REQUIRE(wait.until([&] { return ++looks == 10; }));
    }
}

TEST_CASE("where nothing comes, hardly anybody looks") {
    BriefWait wait(10);
    int looks = 0;
    for (int i = 0; i < 10 * BriefWait::kPauseMax; ++i) {
        REQUIRE_FALSE(wait.until([&] { return ++looks, false; }));
    }
    // Each time the pause doubles, up to its most: 9 tries until then, and 8 or 9 after it.
    REQUIRE(looks <= 20 * 10);
    REQUIRE(looks >= 15 * 10);
}

TEST_CASE("where it is of use now and then only, hardly anybody looks") {
    BriefWait wait(10);
    std::minstd_rand chance(1);
    int tries = 0;
    for (int i = 0; i < 10 * BriefWait::kPauseMax; ++i) {
        const bool comes = chance() % 4 == 0;
        bool tried = false;
        wait.until([&] { return tried = true, comes; });
        tries += tried;
    }
    REQUIRE(tries <= 10 * BriefWait::kPauseMax / 10);
}

TEST_CASE("where it is of use again, it is soon back to every time") {
    BriefWait wait(1);
    for (int i = 0; i < 1000; ++i) wait.until([] { return false; });
    for (int i = 0; i < 3 * BriefWait::kPauseMax; ++i) wait.until([] { return true; });
    for (int i = 0; i < 100; ++i) REQUIRE(wait.until([] { return true; }));
}
