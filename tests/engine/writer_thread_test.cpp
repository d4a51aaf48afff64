// The writer on a thread of its own, as the server runs it.
#include "support/engine_world.h"

#include <condition_variable>
#include <mutex>

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
