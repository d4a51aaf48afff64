#include <parley/core/histogram.h>

#include <catch2/catch.hpp>

using namespace parley;
using std::chrono::microseconds;

TEST_CASE("a histogram counts each value in the first bucket that holds it") {
    Histogram took;
    for (const int us : {0, 100, 101, 10'000'000, 10'000'001}) took.observe(microseconds(us));
    const auto values = took.values();
    CHECK(values.counts.front() == 2);  // a bound is in its bucket
    CHECK(values.counts[1] == 1);
    CHECK(values.counts[HistogramScale::kBoundCount - 1] == 1);
    CHECK(values.counts.back() == 1);  // beyond every bound
    CHECK(values.count() == 5);
    CHECK(values.sum == 20'000'202);
}

TEST_CASE("a time that went back counts as none") {
    Histogram took;
    took.observe(microseconds(-5));
    CHECK(took.values().counts.front() == 1);
    CHECK(took.values().sum == 0);
}

TEST_CASE("sums of histograms are those of their values") {
    Histogram one(kAmounts);
    Histogram other(kAmounts);
    one.observe(std::uint64_t{1});
    other.observe(std::uint64_t{1});
    other.observe(std::uint64_t{7'000});
    auto sum = one.values();
    sum += other.values();
    CHECK(sum.count() == 3);
    CHECK(sum.counts.front() == 2);
    CHECK(sum.sum == 7'002);
    CHECK(sum.scale == &kAmounts);
}

TEST_CASE("the bounds of every scale ascend") {
    for (const auto* scale : {&kDurations, &kAmounts}) {
        for (std::size_t i = 1; i < scale->bounds.size(); ++i) {
            CHECK(scale->bounds[i - 1] < scale->bounds[i]);
        }
    }
}
