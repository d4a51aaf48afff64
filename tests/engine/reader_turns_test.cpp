// Who asks for many reads at once makes only itself wait; who has gone leaves none behind.
#include "engine/running_engine.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <vector>

using namespace parley;

namespace {

/// An engine with one reader, which is busy until `release`; and which reads it did after that.
class OneReader {
public:
    static constexpr int kQueue = 20;

    OneReader() : engine_(folder_.path(), clock_, oneReader()) {
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
    bool ask(ReaderPool::Asker asker) {
        return engine().read(
            [this, asker](ReadContext&) {
                const std::lock_guard lock(mutex_);
                done_.push_back(asker);
                changed_.notify_all();
            },
            asker);
    }
    void release() {
        const std::lock_guard lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }
    std::vector<ReaderPool::Asker> done(std::size_t count) {
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
    std::vector<ReaderPool::Asker> done_;
    TempFolder folder_;
    SystemClock clock_;
    RunningEngine engine_;
};

}  // namespace

TEST_CASE("those who ask for reads take turns, each in its own order") {
    OneReader reader;
    for (const ReaderPool::Asker asker : {1, 1, 1, 1, 2, 2, 3}) REQUIRE(reader.ask(asker));
    CHECK(reader.engine().counters().readsQueued == 7);
    reader.release();
    CHECK(reader.done(7) == std::vector<ReaderPool::Asker>{1, 2, 3, 1, 2, 1, 1});
    CHECK(reader.engine().counters().readsQueued == 0);
    CHECK(reader.engine().counters().readsBegun == 8);
}

TEST_CASE("reads of who has gone are not carried out, all others are") {
    OneReader reader;
    for (const ReaderPool::Asker asker : {1, 2, 1, 3, 1, 2}) REQUIRE(reader.ask(asker));
    reader.engine().forgetReads(1);
    reader.engine().forgetReads(4);  // never asked
    CHECK(reader.engine().counters().readsQueued == 3);
    REQUIRE(reader.ask(1));  // somebody new
    reader.release();
    CHECK(reader.done(4) == std::vector<ReaderPool::Asker>{2, 3, 1, 2});
}

TEST_CASE("beyond the queue whoever asks is turned away, and nobody once there is room again") {
    OneReader reader;
    for (int i = 0; i < OneReader::kQueue; ++i) REQUIRE(reader.ask(1));
    CHECK_FALSE(reader.ask(1));
    CHECK_FALSE(reader.ask(2));
    CHECK(reader.engine().counters().readsBusy == 2);
    reader.engine().forgetReads(1);
    CHECK(reader.ask(2));
    reader.release();
    CHECK(reader.done(1) == std::vector<ReaderPool::Asker>{2});
}
