// Large reads wait in a queue of their own and delay no small one.
#include "support/engine_world.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>

using namespace parley;
using namespace parley::test;

namespace {

/// A signal from a read's thread that a test waits for.
class Signal {
public:
    void give() {
        const std::lock_guard lock(mutex_);
        given_ = true;
        changed_.notify_all();
    }
    bool await() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::minutes(1), [this] { return given_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool given_ = false;
};

EngineOptions oneReader() {
    EngineOptions options;
    options.readers = 1;
    options.readsQueuedMax = 4;
    return options;
}

// Takes `rows` rows, each a few of SQLite's steps.
void scan(ReadContext& context, int rows) {
    (void)context.db->run([&] {
        context.db->sqlite().execAndGet(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
            std::to_string(rows) + ") SELECT max(i) FROM n");
    });
}

}  // namespace

TEST_CASE("small reads are carried out while a large one runs and others wait behind it") {
    EngineWorld world(oneReader());
    Signal begun;
    Signal release;
    REQUIRE(world.engine().read(
        [&](ReadContext&) {
            begun.give();
            release.await();
        },
        {1}, {}, ReadSize::large));
    REQUIRE(begun.await());
    Signal secondLarge;
    REQUIRE(
        world.engine().read([&](ReadContext&) { secondLarge.give(); }, {2}, {}, ReadSize::large));
    CHECK(world.engine().counters().largeReadsQueued == 1);
    Signal small;
    REQUIRE(world.engine().read([&](ReadContext&) { small.give(); }, {3}));
    CHECK(small.await());
    CHECK(world.engine().counters().largeReadsQueued == 1);
    release.give();
    CHECK(secondLarge.await());
}

TEST_CASE(
    "a read that turns out to be large begins anew where large ones wait, and is answered once") {
    EngineWorld world(oneReader());
    std::atomic<int> begun{0};
    Signal answered;
    REQUIRE(world.engine().read(
        [&](ReadContext& context) {
            ++begun;
            scan(context, 1'000'000);
            if (!context.outgrown()) answered.give();
        },
        {1}));
    CHECK(answered.await());
    CHECK(begun == 2);
    CHECK(world.engine().counters().readsCut == 0);
    CHECK(world.engine().counters().largeReads == 1);
}

TEST_CASE("after a large read its owner's reads wait among the large ones, until one was small") {
    EngineWorld world(oneReader());
    const auto read = [&](ReadOwner owner, int rows) {
        Signal answered;
        REQUIRE(world.engine().read(
            [&](ReadContext& context) {
                scan(context, rows);
                if (!context.outgrown()) answered.give();
            },
            owner));
        CHECK(answered.await());
        return world.engine().counters().largeReads;
    };
    CHECK(read({1}, 5'000) == 0);
    CHECK(read({1}, 1'000'000) == 1);
    CHECK(read({2}, 5'000) == 1);
    // The thread updates its notes of a read after the answer.
    std::uint64_t large = 1;
    for (int i = 0; i < 1000 && large == 1; ++i) large = read({1}, 1'000'000);
    CHECK(large == 2);
    for (int i = 0; i < 1000; ++i) {
        const auto before = large;
        large = read({1}, 10);
        if (large == before) break;
    }
    CHECK(read({1}, 10) == large);
}
