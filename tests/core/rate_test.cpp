#include <parley/core/rate.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

using namespace parley;
using namespace std::chrono_literals;
using Millis = std::chrono::milliseconds;

namespace {

/// Takes until one is refused; how many were allowed.
int takeAll(RateBucket& bucket, Rate rate, Millis now) {
    int allowed = 0;
    while (bucket.take(rate, now) == 0ms) ++allowed;
    return allowed;
}

}  // namespace

TEST_CASE("a fresh bucket allows its burst at once, and then its rate") {
    const Rate rate{10, 3};
    RateBucket bucket;
    CHECK(takeAll(bucket, rate, 5s) == 3);
    CHECK(bucket.take(rate, 5s) == 100ms);
    CHECK(bucket.take(rate, 5s + 99ms) == 1ms);
    CHECK(bucket.take(rate, 5s + 100ms) == 0ms);
    CHECK(bucket.take(rate, 5s + 100ms) == 100ms);
    CHECK(takeAll(bucket, rate, 6s) == 3);
}

TEST_CASE("a burst of one allows one in each interval") {
    const Rate rate{1, 1};
    RateBucket bucket;
    CHECK(bucket.take(rate, 0ms) == 0ms);
    CHECK(bucket.take(rate, 0ms) == 1000ms);
    CHECK(bucket.take(rate, 999ms) == 1ms);
    CHECK(bucket.take(rate, 1000ms) == 0ms);
}

TEST_CASE("a rate that is off allows everything and changes nothing") {
    RateBucket bucket;
    for (int i = 0; i < 1000; ++i) CHECK(bucket.take({}, 1s) == 0ms);
    CHECK(bucket.fullAt() == 0ms);
}

TEST_CASE("what a bucket says of its wait is enough, and one millisecond less is not") {
    for (const Rate rate : {Rate{1, 1}, Rate{3, 2}, Rate{7, 5}, Rate{999, 10}, Rate{60, 300}}) {
        RateBucket bucket;
        Millis now = 1s;
        takeAll(bucket, rate, now);
        for (int i = 0; i < 50; ++i) {
            const Millis wait = bucket.take(rate, now);
            REQUIRE(wait > 0ms);
            CHECK(bucket.waitOf(rate, now + wait - 1ms) > 0ms);
            now += wait;
            REQUIRE(bucket.take(rate, now) == 0ms);
            takeAll(bucket, rate, now);
        }
    }
}

TEST_CASE("never more than the burst and the rate over any stretch of time") {
    std::mt19937 random(11);
    const auto upTo = [&](int most) { return std::uniform_int_distribution<int>(1, most)(random); };
    for (int round = 0; round < 200; ++round) {
        const Rate rate{static_cast<std::uint32_t>(upTo(2000)),
                        static_cast<std::uint32_t>(upTo(50))};
        RateBucket bucket;
        std::vector<Millis> allowed;
        Millis now = 1s;
        for (int i = 0; i < 300; ++i) {
            now += Millis(upTo(4) == 1 ? upTo(200) : 0);
            if (bucket.take(rate, now) == 0ms) allowed.push_back(now);
        }
        for (std::size_t from = 0; from < allowed.size(); from += 7) {
            for (std::size_t to = from; to < allowed.size(); ++to) {
                const auto stretch = (allowed[to] - allowed[from]).count();
                const auto most = rate.burst + stretch * rate.perSecond / 1000;
                REQUIRE(static_cast<std::int64_t>(to - from + 1) <= most);
            }
        }
    }
}

TEST_CASE("what is refused changes nothing") {
    std::mt19937 random(12);
    const Rate rate{5, 4};
    RateBucket asked;    // also for what is refused
    RateBucket allowed;  // for what is allowed alone
    Millis now = 1s;
    for (int i = 0; i < 2000; ++i) {
        now += Millis(std::uniform_int_distribution<int>(0, 90)(random));
        const Millis wait = asked.take(rate, now);
        REQUIRE(wait == allowed.waitOf(rate, now));
        if (wait == 0ms) allowed.take(rate, now);
        REQUIRE(asked.fullAt() == allowed.fullAt());
    }
}

TEST_CASE("a clock that steps back makes nobody wait longer than for two") {
    const Rate rate{2, 3};
    RateBucket bucket;
    takeAll(bucket, rate, 100s);
    CHECK(bucket.take(rate, 99s + 900ms) == 600ms);  // a little: it waits that much longer
    CHECK(takeAll(bucket, rate, 1s) == 3);           // far: the bucket begins anew
    CHECK(bucket.take(rate, 1s) == 500ms);
    CHECK(bucket.take(rate, 1s + 500ms) == 0ms);
}

TEST_CASE("extreme times and rates overflow nothing") {
    for (const Rate rate : {Rate{1, Rate::kMax}, Rate{Rate::kMax, Rate::kMax}, Rate{1, 1}}) {
        for (const Millis now : {Millis::min(), Millis(-1), Millis(0), Millis::max()}) {
            RateBucket bucket;
            CHECK(bucket.take(rate, now) == 0ms);
            bucket.empty(rate, now);
            CHECK(bucket.waitOf(rate, now) >= 1ms);
            CHECK(bucket.waitOf(rate, now) <= 1000ms);
        }
    }
}

TEST_CASE("an emptied bucket allows the first after the time of one, and is full after its span") {
    const Rate rate{1, 10};
    RateBucket bucket;
    bucket.empty(rate, 20s);
    CHECK(bucket.take(rate, 20s) == 1000ms);
    CHECK(bucket.take(rate, 21s) == 0ms);
    CHECK(bucket.fullAt() == 31s);
}

TEST_CASE("a rate is read as it is written, and everything else is refused") {
    CHECK(parseRate("20/100").value() == Rate{20, 100});
    CHECK(parseRate("1000000/1000000").value() == Rate{1'000'000, 1'000'000});
    CHECK(parseRate("0").value().off());
    for (const char* text : {"0", "1/1", "60/300"}) CHECK(rateText(*parseRate(text)) == text);
    for (const char* text : {"",          "20",    "/",    "20/",  "/100",
                             "0/0",       "0/5",   "5/0",  "-1/5", "1/-5",
                             "1.5/3",     "1/3/5", " 1/3", "1/3 ", "1/1000001",
                             "1000001/1", "a/b",   "00",   "+1/2", "99999999999999999999/1"}) {
        CAPTURE(text);
        REQUIRE_FALSE(parseRate(text).ok());
        CHECK(parseRate(text).error().code == ErrorCode::invalid_setting);
        CHECK(parseRate(text).error().message ==
              "must be PER_SECOND/BURST like 20/100, both numbers from 1 to 1000000, or 0 for no "
              "limit, not \"" +
                  std::string(text) + "\"");
    }
}
