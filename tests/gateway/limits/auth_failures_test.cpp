#include "gateway/limits/auth_failures.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace std::chrono_literals;
using Millis = std::chrono::milliseconds;

namespace {

constexpr ClientAddress kHere{1};
constexpr ClientAddress kElsewhere{2};

void noteMany(AuthFailures& failures, int count, Millis now) {
    for (int i = 0; i < count; ++i) failures.note(kHere, now);
}

}  // namespace

TEST_CASE("an address waits once it has sent more bad tokens than the rate allows") {
    AuthFailures failures({1, 10});
    noteMany(failures, 10, 5s);
    CHECK(failures.waitOf(kHere, 5s) == 0ms);
    failures.note(kHere, 5s);
    CHECK(failures.waitOf(kHere, 5s) == 1s);
    CHECK(failures.waitOf(kHere, 5s + 999ms) == 1ms);
    CHECK(failures.waitOf(kHere, 6s) == 0ms);
    CHECK(failures.waitOf(kElsewhere, 5s) == 0ms);
}

TEST_CASE("each bad token after a wait doubles it, to a minute") {
    AuthFailures failures({1, 3});
    noteMany(failures, 3, 5s);
    Millis now = 5s;
    for (const Millis wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
        failures.note(kHere, now);
        CHECK(failures.waitOf(kHere, now) == wait);
        now += wait;
    }
}

TEST_CASE("a wait that no bad token follows is forgotten once the bucket is full") {
    AuthFailures failures({1, 3});
    noteMany(failures, 5, 5s);  // the last two as if they had been verified at the same time
    CHECK(failures.waitOf(kHere, 5s) == 3s);
    noteMany(failures, 1, 9s);  // one second after the wait there is one token
    CHECK(failures.waitOf(kHere, 9s) == 0ms);
    failures.note(kHere, 9s);
    CHECK(failures.waitOf(kHere, 9s) == 4s);
    noteMany(failures, 3, 16s);  // three seconds after that wait all is as at the beginning
    CHECK(failures.waitOf(kHere, 16s) == 0ms);
    failures.note(kHere, 16s);
    CHECK(failures.waitOf(kHere, 16s) == 1s);
}

TEST_CASE("however many bad tokens come at once, an address waits a minute at most") {
    for (const Rate rate : {Rate{1, 1}, Rate{1, 10}, Rate{1000, 1}, Rate{1'000'000, 5}}) {
        AuthFailures failures(rate);
        for (int i = 0; i < 500; ++i) {
            failures.note(kHere, 5s);
            REQUIRE(failures.waitOf(kHere, 5s) <= 60s);
        }
        CHECK(failures.waitOf(kHere, 5s) == 60s);
        CHECK(failures.waitOf(kHere, 65s) == 0ms);
    }
}

TEST_CASE("without a rate no address waits, and none is remembered") {
    AuthFailures failures({});
    noteMany(failures, 1000, 5s);
    CHECK(failures.waitOf(kHere, 5s) == 0ms);
    CHECK(failures.size() == 0);
}

TEST_CASE("a clock that steps back makes no address wait longer than a minute") {
    AuthFailures failures({1, 3});
    noteMany(failures, 4, 500s);
    CHECK(failures.waitOf(kHere, 1s) <= 60s);
}
