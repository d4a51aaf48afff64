#include <parley/engine/background_thread.h>

#include <catch2/catch.hpp>

#include <atomic>

using namespace parley;

TEST_CASE("a background thread that sleeps for an hour stops at once") {
    BackgroundThread thread;
    std::atomic<int> slept{0};
    std::atomic<bool> stopped{false};
    thread.start([&] {
        while (thread.sleep(slept == 0 ? std::chrono::milliseconds(0) : std::chrono::hours(1))) {
            ++slept;
        }
        stopped = true;
    });
    while (slept == 0) std::this_thread::yield();
    CHECK_FALSE(thread.isStopping());
    thread.stop();
    CHECK(stopped);
    CHECK(slept == 1);
    thread.stop();  // again
}

TEST_CASE("a background thread that was never started can be stopped") {
    BackgroundThread thread;
    thread.stop();
    CHECK(thread.isStopping());
    CHECK_FALSE(thread.sleep(std::chrono::hours(1)));
}
