#include "gateway/limits/bucket_table.h"

#include <parley/core/rate.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using namespace parley;
using namespace std::chrono_literals;
using Millis = std::chrono::milliseconds;

namespace {

struct One {
    RateBucket bucket;
    Millis fullAt() const { return bucket.fullAt(); }
};
using Table = BucketTable<std::uint64_t, One>;

constexpr Rate kRate{10, 5};  // full again after half a second

bool take(Table& table, std::uint64_t key, Millis now) {
    return table.use(key, now, [&](One& one) { return one.bucket.take(kRate, now) == 0ms; });
}

}  // namespace

TEST_CASE("each key has buckets of its own, and looking adds none") {
    Table table(1000);
    for (int i = 0; i < 5; ++i) CHECK(take(table, 1, 1s));
    CHECK_FALSE(take(table, 1, 1s));
    CHECK(take(table, 2, 1s));
    CHECK(table.look(std::uint64_t{1}, [](const One& one) { return one.fullAt(); }) == 1500ms);
    CHECK(table.look(std::uint64_t{3}, [](const One& one) { return one.fullAt(); }) == 0ms);
    CHECK(table.size() == 2);
}

TEST_CASE("a million users who come and go leave few entries behind") {
    Table table(200'000);
    std::size_t most = 0;
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        take(table, i, Millis(static_cast<std::int64_t>(i) / 10));  // ten in a millisecond
        if (i % 1000 == 0) most = std::max(most, table.size());
    }
    CHECK(most < 5'000);  // each is full again after 100 ms: 1,000 at a time are not
}

TEST_CASE("no more entries than the table may have, and those that are full soonest go") {
    constexpr std::size_t kMost = 16 * 64;
    Table table(kMost);
    for (std::uint64_t key = 0; key < 100; ++key) {
        while (take(table, key, 1s)) {
        }
    }
    for (std::uint64_t key = 1000; key < 50'000; ++key) {
        take(table, key, 1s);
        if (key % 100 == 0) REQUIRE(table.size() <= kMost);
    }
    for (std::uint64_t key = 0; key < 100; ++key) CHECK_FALSE(take(table, key, 1s));
}

TEST_CASE("many threads take no more than one alone could") {
    Table table(1000);
    std::atomic<int> allowed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (std::uint64_t key = 0; key < 2000; ++key) {
                if (take(table, key % 10, 1s)) ++allowed;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(allowed == 50);
}
