// Whatever happens to audit.db while it is followed, it comes to say what a rebuild gives.
#include "audit/following.h"

#include "audit/audit_log.h"
#include "support/temp_folder.h"

#include <parley/audit/build.h>
#include <parley/audit/follower.h>

#include <fstream>
#include <random>

using namespace parley;
using namespace parley::test;

namespace {

namespace fs = std::filesystem;

/// A data folder whose log grows, and which is followed.
struct Followed {
    explicit Followed(unsigned seed)
        : random(seed),
          life(DataFolder::databaseIn(folder.path())),
          following(std::make_unique<audit::Following>(folder.path(), clock)) {}

    Position head() {
        auto walk = LogWalk::open(life.db());
        REQUIRE(walk.ok());
        return (*walk)->head().value();
    }
    void catchUp() {
        for (int steps = 0; following->position() < head(); ++steps) {
            REQUIRE(steps < 50);
            REQUIRE(following->step(head()).ok());
        }
    }
    /// What is followed, and what a rebuild gives.
    void checkEqual() {
        catchUp();
        const auto followed = contentOf(file());
        following.reset();
        const auto built = folder / "built.db";
        REQUIRE(audit::build(life.db(), built, clock).ok());
        CHECK(contentOf(built) == followed);
        following = std::make_unique<audit::Following>(folder.path(), clock);
    }
    fs::path file() { return DataFolder::auditIn(folder.path()); }

    TempFolder folder;
    ManualClock clock;
    std::mt19937 random;
    StoredLife life;
    std::unique_ptr<audit::Following> following;
};

void copyOver(const fs::path& from, const fs::path& to) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

}  // namespace

TEST_CASE("audit.db deleted, cut, swapped or left behind while it is followed is built anew") {
    int harmed = 0;
    for (unsigned seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        Followed followed(seed);
        live(followed.life, followed.random, 100);
        followed.catchUp();
        const auto other = followed.folder / "other.db";
        {
            StoredLife stranger;
            live(stranger, followed.random, 80);
            REQUIRE(audit::build(stranger.db(), other, followed.clock).ok());
        }
        for (int round = 0; round < 8; ++round) {
            const auto harm = followed.random() % 8;
            CAPTURE(round, harm);
            const auto file = followed.file();
            switch (harm) {
                case 0: REQUIRE(removeDatabase(file).ok()); break;
                case 1: fs::remove(file); break;
                case 2: fs::remove(walOf(file)); break;
                case 3: fs::rename(file, followed.folder / "moved.db"); break;
                case 4:
                    copyOver(other, followed.folder / "swap.db");
                    fs::rename(followed.folder / "swap.db", file);
                    break;
                case 5: fs::resize_file(file, fs::file_size(file) / 2); break;
                case 6: followed.following.reset(); break;  // closed, and opened again
                case 7: std::ofstream(file) << std::string(10'000, 'x'); break;
                default: break;
            }
            if (!followed.following) {
                followed.following =
                    std::make_unique<audit::Following>(followed.folder.path(), followed.clock);
            }
            ++harmed;
            live(followed.life, followed.random, 20);
            followed.catchUp();
        }
        followed.checkEqual();
    }
    WARN(harmed << " harms, each time equal to a rebuild");
}

TEST_CASE("a step folds a bounded part of the log") {
    Followed followed(3);
    while (followed.head().value <= audit::kChunkEvents) live(followed.life, followed.random, 1000);
    auto more = followed.following->step(followed.head());
    REQUIRE(more.ok());
    CHECK(*more);
    CHECK(followed.following->position().value == audit::kChunkEvents);
    followed.checkEqual();
}

TEST_CASE("a follower keeps up beside a log that grows, and tells those who wait") {
    Followed followed(4);
    Warnings warnings;
    std::atomic<std::int64_t> head{0};
    audit::Follower follower(
        followed.folder.path(), [&] { return Position{head.load()}; }, followed.clock, warnings);
    follower.start();
    for (int round = 0; round < 20; ++round) {
        live(followed.life, followed.random, 50);
        head = followed.head().value;
        if (round % 5 == 4) fs::remove(followed.file());
    }
    CHECK(follower.waitFor({head.load()}, std::chrono::seconds(60)));
    CHECK_FALSE(follower.waitFor({head.load() + 1}, std::chrono::milliseconds(1)));
    // A file that is deleted in the middle of a write is a failure, until the next step.
    while (!warnings.lines().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    follower.stop();
    followed.checkEqual();
}

TEST_CASE("a follower that cannot write warns once, and goes on when it can") {
    Followed followed(5);
    live(followed.life, followed.random, 50);
    fs::create_directories(followed.file() / "in the way");
    Warnings warnings;
    const auto head = followed.head();
    audit::Follower follower(
        followed.folder.path(), [&] { return head; }, followed.clock, warnings);
    follower.start();
    while (warnings.lines().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(warnings.lines().front().name == "audit_failed");
    CHECK(follower.lag() == head.value);
    fs::remove_all(followed.file());
    CHECK(follower.waitFor(head, std::chrono::seconds(60)));
    follower.stop();
    CHECK(warnings.lines().empty());
    followed.checkEqual();
}

TEST_CASE("a question is answered once its events are there, or when its time is over") {
    Followed followed(6);
    live(followed.life, followed.random, 50);
    const SystemClock clock;
    Warnings warnings;
    const auto head = followed.head();
    audit::Follower follower(
        followed.folder.path(), [&] { return head; }, clock, warnings);
    std::atomic<int> answered{0};
    const auto ask = [&](Position position, std::chrono::milliseconds atMost) {
        follower.whenReached(position, atMost, [&] { ++answered; });
    };
    const auto until = [&](int count) {
        while (answered < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    ask(head, std::chrono::hours(1));
    follower.start();
    until(1);
    CHECK(follower.position() == head);
    ask(head, std::chrono::hours(1));
    CHECK(answered == 2);  // at once
    const Position later{head.value + 1};
    ask(later, std::chrono::milliseconds(20));
    until(3);
    ask(later, std::chrono::hours(1));
    CHECK(answered == 3);
    follower.stop();
    CHECK(answered == 4);
    ask(later, std::chrono::hours(1));
    CHECK(answered == 5);
}
