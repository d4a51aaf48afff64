#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/engine/log_verifier.h>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace parley;

namespace {

/// A clock that lets the calls after the first one wait until it is opened.
class GatedClock final : public Clock {
public:
    UnixMillis now() const override {
        std::unique_lock lock(mutex_);
        if (calls_++ > 0) opened_.wait(lock, [&] { return open_; });
        return {1'700'000'000'000 + calls_};
    }
    std::chrono::milliseconds monotonic() const override { return std::chrono::milliseconds(0); }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable opened_;
    mutable int calls_ = 0;
    bool open_ = false;
};

struct World {
    TempFolder folder;
    WrittenLog log{folder.path()};
    GatedClock clock;
    Warnings warnings;
    LogVerifier verifier{DataFolder::databaseIn(folder.path()), clock, warnings};

    ~World() { clock.open(); }  // or its thread would wait for ever

    LogVerifier::State ended() {
        while (verifier.state().now) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return verifier.state();
    }
};

}  // namespace

TEST_CASE("nothing is verified before it is asked for") {
    World world;
    CHECK_FALSE(world.verifier.state().last);
    CHECK_FALSE(world.verifier.state().now);
    CHECK(world.verifier.verified().value == 0);
}

TEST_CASE("a good log is verified whole, one verification at a time") {
    World world;
    REQUIRE(world.log.append(3000));
    CHECK(world.verifier.start());
    CHECK_FALSE(world.verifier.start());  // the first one cannot end before the clock is opened
    REQUIRE(world.verifier.state().now);
    world.clock.open();
    const auto found = world.ended();
    REQUIRE(found.last);
    CHECK(found.last->ok);
    CHECK(found.last->position.value == 3000);
    CHECK(world.verifier.verified().value == 3000);
    CHECK(world.warnings.lines().empty());
    REQUIRE(world.log.append(5));
    CHECK(world.verifier.start());
    CHECK(world.ended().last->position.value == 3005);
}

TEST_CASE("a changed event is found, and warned of until the log is good again") {
    World world;
    world.clock.open();
    REQUIRE(world.log.append(10));
    auto& sqlite = world.log.db().sqlite();
    sqlite.exec("DROP TRIGGER event_never_updated");
    sqlite.exec("UPDATE event SET content = 'y' || substr(content, 2) WHERE position = 7");
    REQUIRE(world.verifier.start());
    const auto found = world.ended();
    REQUIRE(found.last);
    CHECK_FALSE(found.last->ok);
    CHECK(found.last->position.value == 6);
    CHECK(found.last->brokenAt.value == 7);
    CHECK(found.last->problem.starts_with("its hash is "));
    CHECK(world.verifier.verified().value == 6);
    REQUIRE(world.warnings.lines().size() == 1);
    CHECK(world.warnings.lines().front().name == "log_broken");
    sqlite.exec("UPDATE event SET content = 'x' || substr(content, 2) WHERE position = 7");
    REQUIRE(world.verifier.start());
    CHECK(world.ended().last->ok);
    CHECK(world.warnings.lines().empty());
}

TEST_CASE("a verification that can check nothing says why, and keeps what was found before") {
    World world;
    world.clock.open();
    LogVerifier verifier(world.folder.path() / "none.db", world.clock, world.warnings);
    REQUIRE(verifier.start());
    while (verifier.state().now) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(verifier.state().failure);
    CHECK_FALSE(verifier.state().last);
    verifier.stop();
    CHECK_FALSE(verifier.start());
}

TEST_CASE("a server that stops cuts a verification short") {
    World world;
    world.clock.open();
    REQUIRE(world.log.append(9000));
    REQUIRE(world.verifier.start());
    world.verifier.stop();
    CHECK_FALSE(world.verifier.state().now);
    world.verifier.stop();
}
