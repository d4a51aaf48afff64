// The writer on a thread of its own, as the server runs it.
#include "support/engine_world.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace parley;
using namespace parley::test;

namespace {

/// Counts the outcomes that the writer's thread publishes.
class CountingSink final : public OutcomeSink {
public:
    void publish(BatchOutcome batch) override {
        const std::lock_guard lock(mutex_);
        count_ += batch.outcomes.size();
        changed_.notify_all();
    }
    bool await(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return count_ >= count; });
    }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
};

}  // namespace

TEST_CASE("the writer's thread carries out what is submitted, and finishes it before it stops") {
    TempFolder folder;
    SystemClock clock;
    SystemRandom random;
    CountingSink sink;
    EngineOptions options;
    options.dataFolder = folder.path();
    auto engine = std::move(Engine::open(options, clock, random, sink)).value();
    const auto say = [&] {
        return engine->submit({Origin{}, Command(message("c", "ann", UserRole::agent, "hi"))});
    };
    REQUIRE(say().ok());
    CHECK(sink.await(1));
    for (int i = 0; i < 500; ++i) REQUIRE(say().ok());
    engine->stop();
    CHECK(sink.count() == 501);
    CHECK(say().error().code == ErrorCode::shutting_down);
    engine->stop();  // again
}

namespace {

/// Holds the writer in `publish` until it is told otherwise.
class HoldingSink final : public OutcomeSink {
public:
    void publish(BatchOutcome) override {
        held = true;
        held.notify_all();
        letGo.wait(false);
    }
    std::atomic<bool> held{false};
    std::atomic<bool> letGo{false};
};

}  // namespace

TEST_CASE("the writer's loop comes round without requests, and not while it hangs") {
    TempFolder folder;
    SystemClock clock;
    SystemRandom random;
    HoldingSink sink;
    EngineOptions options;
    options.dataFolder = folder.path();
    auto engine = std::move(Engine::open(options, clock, random, sink)).value();
    const auto awaitTurn = [&] {
        for (const auto before = engine->writerTurns(); engine->writerTurns() == before;) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    };
    awaitTurn();
    awaitTurn();
    REQUIRE(engine->submit({Origin{}, Command(message("c", "ann", UserRole::agent, "hi"))}).ok());
    sink.held.wait(false);
    const auto stuck = engine->writerTurns();
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));  // it would come round twice
    CHECK(engine->writerTurns() == stuck);
    sink.letGo = true;
    sink.letGo.notify_all();
    awaitTurn();
}
