#include "engine/unit_of_work.h"

#include "support/engine_world.h"

#include <parley/log/migrations.h>

#include <sqlite3.h>

using namespace parley;
using namespace parley::test;

namespace {

/// Remembers how the last unit ended.
class Member final : public UnitMember {
public:
    explicit Member(UnitMembers& members) : UnitMember(members) {}
    void committed() override { ++commits; }
    void rolledBack() override { ++rollbacks; }
    int commits = 0;
    int rollbacks = 0;
};

template <typename T>
T must(Result<T> result) {
    REQUIRE(result.ok());
    return std::move(result).value();
}

/// A log, and units of work on it.
struct World {
    TempFolder folder;
    ManualClock clock;
    SeededRandom random{1};
    UuidGenerator uuids{random};
    Warnings warnings;
    std::filesystem::path file = DataFolder::databaseIn(folder.path());
    std::unique_ptr<Database> db = must(Database::openWriter(file));
    bool migrated = migrate(*db, clock).ok();
    std::unique_ptr<EventLog> log = must(EventLog::open(*db, random));
    std::unique_ptr<HeadWitness> witness = must(HeadWitness::open(folder.path()));
    std::unique_ptr<Checkpoints> checkpoints = must(Checkpoints::open(file, {}, clock));
    ViewWriter views{db->sqlite()};
    SpaceWatch space{folder.path(), 0};
    WriteLockWatch lock{file, warnings};
    UnitMembers members;
    Member first{members};
    Member second{members};
    UnitOfWork unit{{*db, *log, views, *witness, *checkpoints, space, lock}, members, clock};

    void append() {
        Event event;
        event.type = EventType::conversationStarted;
        event.conversation = room("c");
        event.actor = user("ann");
        event.role = UserRole::agent;
        event.seq = {unit.head().position.value + 1};
        event.at = clock.now();
        event.id = uuids.next(event.at);
        std::vector<Event> events{event};
        REQUIRE(unit.begin().ok());
        REQUIRE(log->append(events).ok());
    }
    std::int64_t stored() {
        auto other = must(Database::openReader(file));
        return other->sqlite().execAndGet("SELECT count(*) FROM event").getInt64();
    }
};

}  // namespace

TEST_CASE("a finished unit's events are stored, and every member is told") {
    World world;
    world.append();
    CHECK(world.unit.isOpen());
    CHECK(world.stored() == 0);
    CHECK(world.unit.committedPosition() == 0);
    REQUIRE(world.unit.finish().ok());
    CHECK_FALSE(world.unit.isOpen());
    CHECK(world.stored() == 1);
    CHECK(world.unit.committedPosition() == 1);
    CHECK(must(HeadWitness::read(world.folder.path()))->position == Position{1});
    CHECK(world.first.commits == 1);
    CHECK(world.second.commits == 1);
}

TEST_CASE("a unit that failed is rolled back, with everything that takes part in it") {
    World world;
    world.append();
    CHECK(world.unit.head().position == Position{1});
    world.unit.fail({ErrorCode::storage_full, "first"});
    world.unit.fail({ErrorCode::busy, "second"});
    const auto done = world.unit.finish();
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().message == "first");
    CHECK_FALSE(world.unit.fatal());
    CHECK(world.unit.head().position == Position{0});
    CHECK(world.stored() == 0);
    CHECK(world.first.rollbacks == 1);
    CHECK(world.second.rollbacks == 1);
    CHECK(world.first.commits == 0);

    world.append();  // the next unit is not affected
    REQUIRE(world.unit.finish().ok());
    CHECK(world.stored() == 1);
}

TEST_CASE(
    "a unit that writes nothing opens no transaction, and its members are told all the same") {
    World world;
    REQUIRE(world.unit.finish().ok());
    CHECK(world.first.commits == 1);
    world.unit.fail({ErrorCode::storage_failed, "reading failed"});
    CHECK_FALSE(world.unit.finish().ok());
    CHECK(world.first.rollbacks == 1);
}

TEST_CASE("a unit that cannot begin because another process writes is counted, and fails") {
    World world;
    SQLite::Database other(world.file.string(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    sqlite3_busy_timeout(world.db->sqlite().getHandle(), 0);
    const auto begun = world.unit.begin();
    REQUIRE_FALSE(begun.ok());
    CHECK(begun.error().code == ErrorCode::busy);
    CHECK(world.unit.lockBusy() == 1);
    CHECK(world.lock.isHeld());
    CHECK_FALSE(world.unit.finish().ok());
    other.exec("COMMIT");
    world.append();
    CHECK(world.unit.finish().ok());
    CHECK_FALSE(world.lock.isHeld());
}
