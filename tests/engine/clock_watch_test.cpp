#include "engine/upkeep/clock_watch.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// Two clocks that a test sets apart.
class TwoClocks final : public Clock {
public:
    UnixMillis now() const override { return wall; }
    milliseconds monotonic() const override { return steady; }
    void pass(milliseconds span) {
        wall.value += span.count();
        steady += span;
    }
    void set(milliseconds by) { wall.value += by.count(); }

    UnixMillis wall{1'700'000'000'000};
    milliseconds steady{12'345};
};

struct World {
    explicit World(milliseconds clockAfterLog = 0ms)
        : logTime{clock.wall.value - clockAfterLog.count()}, watch(clock, logTime, warnings) {}
    void pass(milliseconds span) {
        clock.pass(span);
        watch.look(logTime);
    }
    void set(milliseconds by) {
        clock.set(by);
        watch.look(logTime);
    }
    std::string warning() const {
        const auto lines = warnings.lines();
        return lines.empty() ? "" : lines.front().text;
    }

    TwoClocks clock;
    Warnings warnings;
    UnixMillis logTime;
    ClockWatch watch;
};

}  // namespace

TEST_CASE("a clock that advances like the monotonic one is trusted") {
    for (const auto after : {milliseconds(0), milliseconds(-59s), milliseconds(7 * 24h)}) {
        World world(after);
        for (int i = 0; i < 100; ++i) {
            world.pass(1s);
            world.set(i % 2 == 0 ? 50s : -50s);  // small corrections are no step
        }
        CHECK(world.watch.isTrusted());
        CHECK_FALSE(world.watch.isImplausible());
        CHECK(world.warning().empty());
    }
}

TEST_CASE("a log without events raises no doubt about the clock") {
    TwoClocks clock;
    Warnings warnings;
    const ClockWatch watch(clock, {0}, warnings);
    CHECK_FALSE(watch.isImplausible());
}

TEST_CASE("a clock more than a week after the log at the start is trusted an hour later") {
    World world(7 * 24h + 1ms);
    CHECK(world.watch.isImplausible());
    CHECK_FALSE(world.watch.isTrusted());
    CHECK(world.warning().find("7 days after the log's last event") != std::string::npos);
    CHECK(world.watch.trustedFrom() == world.clock.steady + 1h);
    world.pass(1h - 1ms);
    CHECK_FALSE(world.watch.isTrusted());
    world.pass(1ms);
    CHECK(world.watch.isTrusted());
    CHECK_FALSE(world.watch.isImplausible());
    CHECK(world.warning().empty());
}

TEST_CASE("each step of more than a minute restarts the hour") {
    for (const auto step : {milliseconds(61s), milliseconds(-61s), milliseconds(365 * 24h)}) {
        World world(2h);
        world.set(step);
        CHECK(world.watch.isImplausible());
        CHECK(world.warning().find(step > 0s ? "set forward by" : "set back by") !=
              std::string::npos);
        world.pass(50min);
        world.set(-step);
        world.pass(50min);
        CHECK_FALSE(world.watch.isTrusted());
        world.pass(10min);
        CHECK(world.watch.isTrusted());
        CHECK(world.warning().empty());
    }
}

TEST_CASE("a clock behind the log is warned about until it has passed it, and trusted earlier") {
    World world(-3h);
    CHECK(world.warning().find("behind the log's last event") != std::string::npos);
    CHECK_FALSE(world.watch.isTrusted());
    world.pass(1h);
    CHECK(world.watch.isTrusted());
    CHECK(world.watch.isImplausible());
    world.pass(2h);
    CHECK_FALSE(world.watch.isImplausible());
    CHECK(world.warning().empty());
}
