#include "engine/unit_of_work.h"

#include "engine/batch/reads.h"
#include "engine/replication/replication.h"
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

/// Answers as it is told to, and remembers what it was asked.
class FakeGate final : public Gate {
public:
    Answer agree(Unit unit) override {
        ++asked;
        before = unit.before.position;
        after = unit.after.position;
        if (onAgree) onAgree();
        return answer;
    }
    void committed(const ReplicationMark& mark, const LogHead&) override {
        committedAt.push_back(mark.sequence);
    }
    void notCommitted() override { ++notCommittedCalls; }
    bool leads() const override { return true; }
    bool isHere(const ReplyTo&) const override { return true; }

    Answer answer{Verdict::agreed, {1, 2, 3}, {}};
    std::function<void()> onAgree;
    int asked = 0;
    int notCommittedCalls = 0;
    Position before;
    Position after;
    std::vector<std::uint64_t> committedAt;
};

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
    WriterReads reads{*db};
    PresenceBoard presence;
    EngineOptions options;
    LiveState live{members, options, reads.states, clock, presence};
    FakeGate gate;
    Replication replication{gate, *db, live};
    bool isGated;
    UnitOfWork unit{
        {*db, *log, views, *witness, *checkpoints, space, lock, isGated ? &replication : nullptr},
        members,
        clock};

    explicit World(bool gated = false) : isGated(gated) {}

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

TEST_CASE("a gate is asked once a unit, before its commit, and told after it") {
    World world(true);
    world.append();
    world.append();
    world.gate.onAgree = [&] {
        CHECK(world.stored() == 0);
        CHECK(world.gate.committedAt.empty());
    };
    REQUIRE(world.unit.finish().ok());
    CHECK(world.gate.asked == 1);
    CHECK(world.gate.before == Position{0});
    CHECK(world.gate.after == Position{2});
    CHECK(world.gate.committedAt == std::vector<std::uint64_t>{3});
    CHECK(must(readReplicationMark(*world.db)) == ReplicationMark{1, 2, 3});
    CHECK(world.stored() == 2);
}

TEST_CASE("a gate is not asked about a unit that appends nothing, nor about one that failed") {
    World world(true);
    REQUIRE(world.unit.begin().ok());
    REQUIRE(world.unit.finish().ok());
    world.append();
    world.unit.fail({ErrorCode::storage_failed, "reading failed"});
    CHECK_FALSE(world.unit.finish().ok());
    CHECK(world.gate.asked == 0);
    CHECK(world.gate.committedAt.empty());
}

TEST_CASE("a unit that the gate refuses is rolled back, and the next one is asked about anew") {
    World world(true);
    world.gate.answer = {Gate::Verdict::refused, {}, {ErrorCode::unavailable, "elsewhere"}};
    world.append();
    const auto done = world.unit.finish();
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().code == ErrorCode::unavailable);
    CHECK_FALSE(world.unit.fatal());
    CHECK(world.first.rollbacks == 1);
    CHECK(world.stored() == 0);
    CHECK_FALSE(must(readReplicationMark(*world.db)));

    world.gate.answer = {Gate::Verdict::agreed, {1, 1, 1}, {}};
    world.append();
    REQUIRE(world.unit.finish().ok());
    CHECK(world.gate.before == Position{0});
    CHECK(world.stored() == 1);
}

TEST_CASE("a unit that the gate has not decided on is rolled back with what the gate says") {
    World world(true);
    world.gate.answer = {Gate::Verdict::undecided, {}, {ErrorCode::shutting_down, "no answer"}};
    world.append();
    const auto done = world.unit.finish();
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().code == ErrorCode::shutting_down);
    CHECK_FALSE(world.unit.fatal());
    CHECK(world.first.rollbacks == 1);
    CHECK(world.stored() == 0);
}

TEST_CASE("a unit that was agreed on and finds no room is rolled back, and the gate is told") {
    World world(true);
    world.append();
    // The row that says where it was agreed on needs more pages than the database may have.
    world.gate.onAgree = [&] {
        auto& sqlite = world.db->sqlite();
        sqlite.exec("CREATE TABLE fill(x)");
        sqlite.exec(
            "CREATE TRIGGER grow AFTER INSERT ON cluster_state BEGIN "
            "INSERT INTO fill VALUES (zeroblob(100000)); END");
        sqlite.exec("PRAGMA max_page_count = 1");  // no less than it has now
    };
    const auto done = world.unit.finish();
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().code == ErrorCode::storage_full);
    CHECK_FALSE(world.unit.fatal());
    CHECK(world.gate.notCommittedCalls == 1);
    CHECK(world.gate.committedAt.empty());
    CHECK(world.first.rollbacks == 1);
    CHECK(world.stored() == 0);
}

TEST_CASE("nobody is told that a unit failed that was agreed on and could not be committed") {
    World world(true);
    world.append();
    // The stream has the unit, so every node is going to have it.
    world.gate.onAgree = [&] { world.db->sqlite().exec("DROP TABLE cluster_state"); };
    REQUIRE_FALSE(world.unit.finish().ok());
    CHECK_FALSE(world.db->mustStop());
    CHECK(world.unit.fatal());
    CHECK(world.first.commits + world.first.rollbacks == 0);
    CHECK(world.stored() == 0);
}
