// An owner of many reads delays only its own; one that has gone leaves no reads behind.
#include "support/engine_world.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <vector>

using namespace parley;
using namespace parley::test;

namespace {

/// An engine with one reader, busy until `release`. Records the order of the reads after that.
class OneReader {
public:
    static constexpr int kQueue = 20;

    OneReader() : engine_(oneReader()) {
        REQUIRE(engine_.engine().read([this](ReadContext&) {
            std::unique_lock lock(mutex_);
            held_ = true;
            changed_.notify_all();
            changed_.wait(lock, [this] { return released_; });
        }));
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, std::chrono::minutes(1), [this] { return held_; }));
    }
    ~OneReader() { release(); }

    Engine& engine() { return engine_.engine(); }
    bool ask(ReadOwner owner) {
        return engine().read(
            [this, owner](ReadContext&) {
                const std::lock_guard lock(mutex_);
                done_.push_back(owner);
                changed_.notify_all();
            },
            owner);
    }
    void release() {
        const std::lock_guard lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }
    std::vector<ReadOwner> done(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::minutes(1), [&] { return done_.size() >= count; });
        return done_;
    }

private:
    static EngineOptions oneReader() {
        EngineOptions options;
        options.readers = 1;
        options.readsQueuedMax = kQueue;
        return options;
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false;
    bool released_ = false;
    std::vector<ReadOwner> done_;
    EngineWorld engine_;
};

}  // namespace

TEST_CASE("owners of reads take turns, each in its own order") {
    OneReader reader;
    for (const std::uint64_t owner : {1, 1, 1, 1, 2, 2, 3}) REQUIRE(reader.ask({owner}));
    CHECK(reader.engine().counters().readsQueued == 7);
    reader.release();
    CHECK(reader.done(7) == std::vector<ReadOwner>{{1}, {2}, {3}, {1}, {2}, {1}, {1}});
    CHECK(reader.engine().counters().readsQueued == 0);
    CHECK(reader.engine().counters().readsBegun == 8);
}

TEST_CASE("reads of an owner that has gone are not carried out, all others are") {
    OneReader reader;
    for (const std::uint64_t owner : {1, 2, 1, 3, 1, 2}) REQUIRE(reader.ask({owner}));
    reader.engine().forgetReads({1});
    reader.engine().forgetReads({4});  // an owner without reads
    CHECK(reader.engine().counters().readsQueued == 3);
    REQUIRE(reader.ask({1}));  // a new owner
    reader.release();
    CHECK(reader.done(4) == std::vector<ReadOwner>{{2}, {3}, {1}, {2}});
}

TEST_CASE("a full queue refuses every read, and none once there is room again") {
    OneReader reader;
    for (int i = 0; i < OneReader::kQueue; ++i) REQUIRE(reader.ask({1}));
    CHECK_FALSE(reader.ask({1}));
    CHECK_FALSE(reader.ask({2}));
    CHECK(reader.engine().counters().readsBusy == 2);
    reader.engine().forgetReads({1});
    CHECK(reader.ask({2}));
    reader.release();
    CHECK(reader.done(1) == std::vector<ReadOwner>{{2}});
}
