#include "engine/upkeep/checkpoints.h"

#include "support/engine_world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

namespace {

constexpr CheckpointOptions kSmall{20, 60, 20, 1'000'000};

EngineOptions withCheckpoints(const CheckpointOptions& checkpoints) {
    EngineOptions options;
    options.checkpoints = checkpoints;
    return options;
}

/// An outside reader. What is written while it lives stays in the WAL.
class Snapshot {
public:
    explicit Snapshot(const std::filesystem::path& file) {
        auto db = Database::openReader(file);
        REQUIRE(db.ok());
        db_ = std::move(*db);
        db_->sqlite().exec("BEGIN");
        db_->sqlite().execAndGet("SELECT count(*) FROM event");
    }

private:
    std::unique_ptr<Database> db_;
};

struct World {
    explicit World(const CheckpointOptions& checkpoints = kSmall)
        : running(withCheckpoints(checkpoints)) {}
    CheckpointCounters counters() { return running.engine().counters().checkpoints; }
    void say(int messages) {
        for (int i = 0; i < messages; ++i) running.say("c", "anna", std::string(8000, 'x'));
        running.settleWell();
    }
    void sayUntilLeft(int pages) {
        while (counters().pagesLeft < pages) say(1);
    }
    EngineWorld running;
};

}  // namespace

TEST_CASE("the writer copies a small WAL back, the other thread a large one") {
    const CheckpointOptions limits{};
    using enum CheckpointTurn;
    CHECK(turnAfterCommit(limits, 999, 999, true) == nobodys);
    CHECK(turnAfterCommit(limits, 1000, 1000, false) == writers);
    CHECK(turnAfterCommit(limits, 3999, 3999, false) == writers);
    CHECK(turnAfterCommit(limits, 4000, 4000, true) == backgrounds);
    CHECK(turnAfterCommit(limits, 4000, 1001, true) == backgrounds);
    CHECK(turnAfterCommit(limits, 4000, 1000, false) == writers);
    CHECK(turnAfterCommit(limits, 200'000, 1000, true) == writers);
}

TEST_CASE("beyond a gigabyte the writer copies the rest, unless a snapshot holds it back") {
    const CheckpointOptions limits{};
    CHECK(turnAfterCommit(limits, 262'143, 50'000, true) == CheckpointTurn::backgrounds);
    CHECK(turnAfterCommit(limits, 262'144, 50'000, true) == CheckpointTurn::writersAtOnce);
    CHECK(turnAfterCommit(limits, 262'144, 50'000, false) == CheckpointTurn::backgrounds);
}

TEST_CASE("without an outside snapshot only the writer copies back") {
    World world;
    for (int i = 0; i < 60; ++i) world.say(1);
    CHECK(world.counters().byWriter > 1);
    CHECK(world.counters().inBackground == 0);
    CHECK(world.counters().pagesLeft < kSmall.inlinePages);
}

TEST_CASE("pages that a snapshot held back are copied in the background, and the WAL restarts") {
    World world;
    world.say(1);
    {
        const Snapshot snapshot(world.running.database());
        world.sayUntilLeft(kSmall.backgroundPages + 100);
        const auto before = world.counters().byWriter;
        world.say(20);
        CHECK(world.counters().byWriter == before);
        CHECK(world.counters().pagesLeft > kSmall.backgroundPages + 100);
    }
    // It needs no commit: nothing is written meanwhile.
    REQUIRE(eventually([&] { return world.counters().pagesLeft == 0; }));
    CHECK(world.counters().inBackground > 0);
    world.say(1);
    CHECK(world.counters().pagesLeft > 0);
    CHECK(world.counters().pagesLeft < kSmall.inlinePages);
}

TEST_CASE(
    "the writer continues while a large WAL is copied, and copies the pages added meanwhile") {
    World world;
    world.say(1);
    {
        const Snapshot snapshot(world.running.database());
        world.sayUntilLeft(2000);
    }
    REQUIRE(eventually([&] {
        world.say(1);
        return world.counters().pagesLeft < kSmall.inlinePages;
    }));
    CHECK(world.counters().inBackground > 0);
}

TEST_CASE("a snapshot that advances releases the pages it has passed") {
    World world;
    world.say(1);
    auto first = std::make_optional<Snapshot>(world.running.database());
    world.sayUntilLeft(kSmall.backgroundPages + 200);
    const Snapshot second(world.running.database());
    world.sayUntilLeft(kSmall.backgroundPages + 300);
    first.reset();
    REQUIRE(eventually([&] { return world.counters().pagesLeft < kSmall.backgroundPages + 150; }));
    world.say(1);
    CHECK(world.counters().pagesLeft > kSmall.backgroundPages);
}

TEST_CASE("an engine stops while a snapshot holds a large WAL back") {
    World world;
    world.say(1);
    const Snapshot snapshot(world.running.database());
    world.say(60);
    CHECK(world.counters().pagesLeft > kSmall.backgroundPages);
    world.running.close();
    world.running.open(EngineOptions{});
}
