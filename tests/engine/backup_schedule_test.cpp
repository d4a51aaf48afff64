#include "support/engine_world.h"

#include <parley/engine/backup_schedule.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <set>

using namespace parley;
using namespace parley::test;
namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

std::set<std::string> filesIn(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

/// A clock that a test can break. Reading it then throws, as file systems and allocations may
/// anywhere.
class BreakingClock final : public Clock {
public:
    UnixMillis now() const override {
        if (failures_.load() > 0 && failures_.fetch_sub(1) > 0) {
            throw fs::filesystem_error("injected", std::make_error_code(std::errc::io_error));
        }
        return clock_.now();
    }
    milliseconds monotonic() const override { return clock_.monotonic(); }
    void fail(int times) { failures_ = times; }

private:
    SystemClock clock_;
    mutable std::atomic<int> failures_{0};
};

struct World {
    TempFolder folder;
    ManualClock clock{UnixMillis{1'769'847'330'042}};  // 2026-01-31T08:15:30.042Z
    EngineWorld running;
    fs::path backups = folder / "backups";
    BackupSchedule schedule{{minutes(60), 2, backups}, running.database(), clock};

    World() {
        running.join("c", "anna");
        running.settleWell();
    }
};

}  // namespace

TEST_CASE("a scheduled backup carries its time and position, and only the newest are kept") {
    World world;
    REQUIRE(world.schedule.backUpNow().ok());
    CHECK(filesIn(world.backups) ==
          std::set<std::string>{"parley-2026-01-31T08-15-30-042Z-p000000000002.db"});
    std::ofstream(world.backups / "notes.txt") << "mine";
    std::ofstream(world.backups / "parley-2020-01-01.db") << "mine too";
    for (int i = 0; i < 2; ++i) {
        world.clock.advance(minutes(60));
        world.running.say("c", "anna", "hello");
        world.running.settleWell();
        REQUIRE(world.schedule.backUpNow().ok());
    }
    CHECK(filesIn(world.backups) ==
          std::set<std::string>{"parley-2026-01-31T09-15-30-042Z-p000000000003.db",
                                "parley-2026-01-31T10-15-30-042Z-p000000000004.db", "notes.txt",
                                "parley-2020-01-01.db"});
    CHECK(world.schedule.counters().made == 3);
    CHECK(world.schedule.counters().position == 4);
}

TEST_CASE("the files tell when the next backup is due, also after a restart") {
    World world;
    CHECK(world.schedule.nextDue() == world.clock.now());
    const auto first = world.clock.now();
    REQUIRE(world.schedule.backUpNow().ok());
    world.clock.advance(minutes(10));
    const BackupSchedule restarted({minutes(60), 2, world.backups}, world.running.database(),
                                   world.clock);
    CHECK(restarted.nextDue().value == first.value + 3'600'000);
    // A backup made while the clock was wrong must not delay the next one for years.
    std::ofstream(world.backups / "parley-2099-01-31T09-15-30-042Z-p000000000003.db") << "x";
    CHECK(restarted.nextDue().value == first.value + 3'600'000);
    world.clock.advance(minutes(50));
    CHECK(restarted.nextDue() <= world.clock.now());
}

TEST_CASE("backups from the future are removed first, and none while the clock is in doubt") {
    World world;
    const std::string future = "parley-2099-01-31T09-15-30-042Z-p000000000003.db";
    fs::create_directories(world.backups);
    std::ofstream(world.backups / future) << "x";
    bool trusted = false;
    BackupSchedule schedule({minutes(60), 1, world.backups}, world.running.database(), world.clock,
                            [&trusted] { return trusted; });
    REQUIRE(schedule.backUpNow().ok());
    world.clock.advance(minutes(60));
    REQUIRE(schedule.backUpNow().ok());
    CHECK(filesIn(world.backups).size() == 3);
    trusted = true;
    world.clock.advance(minutes(60));
    REQUIRE(schedule.backUpNow().ok());
    CHECK(filesIn(world.backups) ==
          std::set<std::string>{"parley-2026-01-31T10-15-30-042Z-p000000000002.db"});
}

TEST_CASE("a backup that fails is counted, and no older one is removed") {
    World world;
    REQUIRE(world.schedule.backUpNow().ok());
    const auto before = filesIn(world.backups);
    BackupSchedule broken({minutes(60), 1, world.backups}, world.folder / "none.db", world.clock);
    CHECK_FALSE(broken.backUpNow().ok());
    CHECK(broken.counters().failed == 1);
    CHECK(broken.counters().made == 0);
    CHECK(filesIn(world.backups) == before);
}

TEST_CASE("the schedule makes its backups by itself and stops at once") {
    World world;
    const SystemClock clock;
    BackupSchedule schedule({milliseconds(50), 2, world.backups}, world.running.database(), clock);
    schedule.start();
    CHECK(eventually([&] { return schedule.counters().made >= 3; }));
    schedule.stop();
    CHECK(filesIn(world.backups).size() == 2);
    CHECK(schedule.counters().failed == 0);
}

TEST_CASE("a backup that throws counts as failed, and the next one is made") {
    World world;
    BreakingClock clock;
    clock.fail(3);
    BackupSchedule schedule({milliseconds(20), 2, world.backups}, world.running.database(), clock);
    schedule.start();
    CHECK(eventually([&] { return schedule.counters().made >= 1; }));
    CHECK(schedule.counters().failed == 3);
    clock.fail(1);
    CHECK(eventually([&] { return schedule.counters().failed == 4; }));
    const auto made = schedule.counters().made;
    CHECK(eventually([&] { return schedule.counters().made > made; }));
    schedule.stop();
}
