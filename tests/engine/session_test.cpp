#include "support/engine_world.h"

using namespace parley;
using namespace parley::test;

namespace {

constexpr PidHash kPid{1, 2, 3};
constexpr PidHash kFresh{9};

const std::optional<Gap>& gapIn(const Outcome& outcome) {
    REQUIRE(outcome.reply.ok());
    return std::get<ResumeReply>(*outcome.reply).gap;
}

Position positionOf(const Outcome& outcome) {
    return std::get<JoinReply>(*outcome.reply).position;
}

EventPtr sentIn(const Outcome& outcome) {
    REQUIRE(outcome.reply.ok());
    return std::get<MessageReply>(*outcome.reply).message;
}

}  // namespace

TEST_CASE("a session resumes its rooms and its dashboard from where they began") {
    EngineWorld world;
    world.submit({1}, OpenSession{kPid});
    const auto joined = positionOf(world.join({1}, "a", "ann", UserRole::agent));
    world.ask({1}, WatchDashboard{true});
    const auto second = positionOf(world.join({1}, "b", "ann", UserRole::supervisor));
    world.ask({1}, ConnectionClosed{});
    world.ask({2}, Command(message("a", "ann", UserRole::agent, "hello")));

    const auto check = [&](ConnectionId connection, std::optional<Cursor> cursor, Position a) {
        const auto outcome = world.ask(connection, ResumeSession{kPid, cursor, kFresh});
        const auto& gap = gapIn(outcome);
        REQUIRE(gap);
        REQUIRE(gap->upTo.value == second.value + 1);
        REQUIRE(gap->rooms.size() == 2);
        REQUIRE(gap->rooms[0].after == a);
        REQUIRE(gap->rooms[0].viewer.role() == UserRole::agent);
        REQUIRE(gap->rooms[1].after == std::max(a, second));
        REQUIRE(gap->rooms[1].viewer.role() == UserRole::supervisor);
        REQUIRE(gap->dashboardAfter == std::max(a, joined));
    };
    SECTION("without a cursor") {
        check({3}, std::nullopt, joined);
    }
    SECTION("with a cursor") {
        const auto next =
            sentIn(world.ask({2}, Command(message("a", "ann", UserRole::agent, "two"))));
        const auto outcome = world.ask(
            {3}, ResumeSession{kPid, roomCursor(next->position, next->fingerprint), kFresh});
        REQUIRE(gapIn(outcome));
        REQUIRE(gapIn(outcome)->rooms[0].after == next->position);
    }
    SECTION("with a cursor of a version without fingerprints") {
        check({3}, Cursor{second, second}, second);
    }
    SECTION("after a restart, too") {
        world.open();
        check({3}, std::nullopt, joined);
    }
    SECTION("with the user and role that it joined with") {
        check({3}, std::nullopt, joined);
        const auto send = namelessMessage("b", "without a name");
        const auto sent = sentIn(world.ask({3}, Command(send)));
        REQUIRE(sent->actor == user("ann"));
        REQUIRE(sent->role == UserRole::supervisor);
    }
}

TEST_CASE("a session that cannot be resumed is replaced by a new one") {
    EngineWorld world;
    world.submit({1}, OpenSession{kPid});
    const auto joined = positionOf(world.join({1}, "a", "ann", UserRole::agent));
    const auto beyond = Position{joined.value + 1};

    REQUIRE_FALSE(gapIn(world.ask({2}, ResumeSession{PidHash{7}, std::nullopt, kFresh})));
    REQUIRE_FALSE(gapIn(world.ask({3}, ResumeSession{kPid, Cursor{beyond, beyond}, PidHash{8}})));
    REQUIRE_FALSE(gapIn(world.ask({4}, ResumeSession{kPid, Cursor{joined, beyond}, PidHash{10}})));
    // The new session can be resumed in its turn.
    world.join({2}, "b", "bob", UserRole::customer);
    world.ask({2}, ConnectionClosed{});
    const auto outcome = world.ask({5}, ResumeSession{kFresh, std::nullopt, PidHash{11}});
    REQUIRE(gapIn(outcome)->rooms.size() == 1);
}

TEST_CASE(
    "a cursor is valid for the history that gave it, and for no other with the same positions") {
    EngineWorld world;
    world.submit({1}, OpenSession{kPid});
    world.join({1}, "a", "ann", UserRole::agent);
    const auto sent = sentIn(world.ask({1}, Command(message("a", "ann", UserRole::agent, "one"))));
    const auto after = sentIn(world.ask({1}, Command(message("a", "ann", UserRole::agent, "two"))));
    world.ask({1}, ConnectionClosed{});
    const auto comes = [&](ConnectionId connection, const Cursor& cursor) {
        const PidHash fresh{static_cast<std::uint8_t>(100 + connection.value)};
        return gapIn(world.ask(connection, ResumeSession{kPid, cursor, fresh})).has_value();
    };
    auto changed = sent->fingerprint;
    changed.bytes.back() ^= 1;
    REQUIRE_FALSE(comes({2}, roomCursor(sent->position, changed)));
    REQUIRE_FALSE(comes({3}, dashboardCursor(sent->position, changed)));
    REQUIRE_FALSE(comes({4}, roomCursor(sent->position, after->fingerprint)));
    REQUIRE_FALSE(comes({5}, roomCursor({after->position.value + 1}, after->fingerprint)));
    REQUIRE_FALSE(comes({6}, roomCursor({0}, Fingerprint{})));
    SECTION("in the same run") {}
    SECTION("after a restart") {
        world.open();
        REQUIRE_FALSE(comes({7}, roomCursor(sent->position, changed)));
    }
    REQUIRE(comes({8}, dashboardCursor(sent->position, sent->fingerprint)));
    world.ask({8}, ConnectionClosed{});
    REQUIRE(comes({9}, roomCursor(sent->position, sent->fingerprint)));
}

TEST_CASE("left rooms, left dashboards and ended sessions do not come back") {
    EngineWorld world;
    world.submit({1}, OpenSession{kPid});
    world.join({1}, "a", "ann", UserRole::agent);
    world.join({1}, "b", "ann", UserRole::agent);
    world.ask({1}, WatchDashboard{true});
    world.ask({1}, Command(LeaveRoom{room("a"), {}}));
    world.ask({1}, WatchDashboard{false});
    world.ask({1}, ConnectionClosed{});
    const auto outcome = world.ask({2}, ResumeSession{kPid, std::nullopt, kFresh});
    REQUIRE(gapIn(outcome)->rooms.size() == 1);
    REQUIRE_FALSE(gapIn(outcome)->dashboardAfter);

    world.ask({2}, ConnectionClosed{/*sessionEnds=*/true});
    REQUIRE_FALSE(gapIn(world.ask({3}, ResumeSession{kPid, std::nullopt, kFresh})));
    world.open();
    REQUIRE_FALSE(gapIn(world.ask({4}, ResumeSession{kPid, std::nullopt, kFresh})));
}

TEST_CASE("a new session has nothing of an ended one, even if it gets the number of its row") {
    EngineWorld world;
    world.submit({1}, OpenSession{kPid});
    world.join({1}, "a", "ann", UserRole::agent);
    world.ask({1}, ConnectionClosed{/*sessionEnds=*/true});
    world.submit({2}, OpenSession{kFresh});
    world.join({2}, "b", "bob", UserRole::customer);
    world.ask({2}, ConnectionClosed{});
    const auto outcome = world.ask({3}, ResumeSession{kFresh, std::nullopt, kPid});
    REQUIRE(gapIn(outcome)->rooms.size() == 1);
    REQUIRE(gapIn(outcome)->rooms[0].viewer.role() == UserRole::customer);
}

TEST_CASE("one connection at a time holds a session") {
    EngineWorld world;
    world.submit({1}, OpenSession{kPid});
    world.join({1}, "a", "ann", UserRole::agent);
    const auto outcome = world.ask({2}, ResumeSession{kPid, std::nullopt, kFresh});
    REQUIRE(gapIn(outcome));
    REQUIRE(outcome.takenOver == ConnectionId{1});
    // The first connection no longer has a user, and its end does not touch the session.
    const SendMessage send{.conversation = room("a"),
                           .from = {},
                           .fromRole = {},
                           .content = "which user am I?",
                           .type = MessageType::text,
                           .toRole = {},
                           .isVisible = {},
                           .clientMessageId = {},
                           .expectedSeq = {}};
    REQUIRE(world.ask({1}, Command(send)).reply.error().code == ErrorCode::missing_field);
    world.ask({1}, ConnectionClosed{/*sessionEnds=*/true});
    REQUIRE(sentIn(world.ask({2}, Command(send)))->actor == user("ann"));
    world.ask({2}, ConnectionClosed{});
    REQUIRE(gapIn(world.ask({3}, ResumeSession{kPid, std::nullopt, kFresh})));
}

TEST_CASE("a session stores its own events in the rooms that it is in") {
    EngineWorld world;
    world.submit({1}, OpenSession{kPid});
    const auto joined = positionOf(world.join({1}, "a", "ann", UserRole::agent));
    world.join({2}, "a", "bob", UserRole::customer);             // +1, another's
    world.ask({1}, Command(LeaveRoom{room("a"), user("bob")}));  // +2, its own
    world.ask({1},
              Command(message("a", "robo", UserRole::robot, "joins and speaks")));  // +3, its own
    world.ask({1}, ConnectionClosed{});
    const auto outcome = world.ask({3}, ResumeSession{kPid, std::nullopt, kFresh});
    const std::vector<Position> own{{joined.value + 2}, {joined.value + 3}};
    REQUIRE(gapIn(outcome)->own == own);
}

TEST_CASE("a session lives for its retention after its connection went away, and no longer") {
    using namespace std::chrono_literals;
    EngineOptions options;
    options.sessionRetention = 80s;
    EngineWorld world(options);
    const auto stored = [&] { return world.counters().sessionsStored; };
    world.submit({1}, OpenSession{kPid});
    world.submit({2}, OpenSession{PidHash{2}});
    world.join({1}, "a", "ann", UserRole::agent);
    world.join({2}, "a", "bob", UserRole::customer);
    REQUIRE(stored() == 2);

    // While its connection lives, a session does not expire.
    for (int i = 0; i < 10; ++i) {
        world.clock().advance(30s);
        world.ask({3}, Barrier{});
    }
    REQUIRE(world.becomes([&] { return stored() == 2; }));
    world.ask({1}, ConnectionClosed{});
    world.clock().advance(79s);
    world.ask({3}, Barrier{});
    REQUIRE(gapIn(world.ask({4}, ResumeSession{kPid, std::nullopt, kFresh})));
    world.ask({4}, ConnectionClosed{});
    world.clock().advance(101s);  // with the eighth by which a row's time may be late
    world.ask({3}, Barrier{});
    REQUIRE(world.becomes([&] { return stored() == 1; }));
    REQUIRE_FALSE(gapIn(world.ask({5}, ResumeSession{kPid, std::nullopt, kFresh})));
}

TEST_CASE("a gap larger than its limit is not recovered in part") {
    EngineOptions options;
    options.replayEventsMax = 10;
    EngineWorld world(options);
    world.submit({1}, OpenSession{kPid});
    world.submit({2}, OpenSession{PidHash{2}});
    const auto since = positionOf(world.join({1}, "a", "ann", UserRole::agent));
    world.ask({2}, WatchDashboard{true});
    world.ask({1}, ConnectionClosed{});
    world.ask({2}, ConnectionClosed{});
    // For a room the events of its conversation count, for a dashboard all events.
    const auto events = [&] { return world.counters().headPosition - since.value; };
    while (events() < 11) world.ask({3}, Command(message("b", "bob", UserRole::customer, "else")));
    REQUIRE(gapIn(world.ask({4}, ResumeSession{kPid, std::nullopt, kFresh})));
    world.ask({4}, ConnectionClosed{});
    REQUIRE_FALSE(gapIn(world.ask({5}, ResumeSession{PidHash{2}, std::nullopt, PidHash{12}})));
    for (int i = 0; i < 11; ++i) {
        world.ask({3}, Command(message("a", "bob", UserRole::customer, "here")));
    }
    REQUIRE_FALSE(gapIn(world.ask({6}, ResumeSession{kPid, std::nullopt, PidHash{13}})));
    const Cursor near{{world.counters().headPosition}, {}};
    REQUIRE(gapIn(world.ask({7}, ResumeSession{kPid, near, PidHash{14}})));
}

TEST_CASE("a message that is sent twice in one batch is stored once and acknowledged twice") {
    EngineWorld world;
    world.join({1}, "a", "ann", UserRole::agent);
    auto send = message("a", "ann", UserRole::agent, "once");
    send.clientMessageId = *ClientMessageId::parse("m-1", "clientMessageId");
    world.ask({1}, Barrier{});
    const auto batches = world.sink().batches();
    world.submit({1}, Command(send));
    world.submit({2}, Command(send));
    const auto& outcomes = world.settle();
    REQUIRE(outcomes.size() == 4);
    REQUIRE(world.sink().batches() == batches + 1);
    REQUIRE(sentIn(outcomes[2])->id == sentIn(outcomes[3])->id);
    REQUIRE(outcomes[2].updates.size() == 1);
    REQUIRE(outcomes[3].updates.empty());
}

TEST_CASE("a conflict holds the unseen messages that the sender may see") {
    EngineWorld world;
    const auto start = positionOf(world.join({1}, "a", "cus", UserRole::customer));
    for (int i = 0; i < 3; ++i) {
        world.ask({2}, Command(message("a", "robo", UserRole::robot, "thinking")));
        world.ask({2}, Command(message("a", "age", UserRole::agent, "said " + std::to_string(i))));
    }
    auto late = message("a", "cus", UserRole::customer, "late");
    late.expectedSeq = Seq{start.value};
    auto outcome = world.ask({1}, Command(late));
    REQUIRE(outcome.reply.error().code == ErrorCode::conflict);
    REQUIRE(unseenIn(outcome).messages.size() == 3);
    REQUIRE(unseenIn(outcome).messages[0].content == "said 0");
    REQUIRE_FALSE(unseenIn(outcome).more);
    late.expectedSeq = unseenIn(outcome).lastSeq;
    REQUIRE(world.ask({1}, Command(late)).reply.ok());

    for (int i = 0; i < 120; ++i) {
        world.submit({2},
                     Command(message("a", "age", UserRole::agent, "more " + std::to_string(i))));
    }
    late.expectedSeq = Seq{1};
    outcome = world.ask({1}, Command(late));
    REQUIRE(unseenIn(outcome).messages.size() == 100);
    REQUIRE(unseenIn(outcome).messages.back().content == "more 119");
    REQUIRE(unseenIn(outcome).more);
}

TEST_CASE("a removal ends the stored subscriptions of its user, in every session") {
    EngineWorld world;
    constexpr PidHash kOther{4};
    world.submit({1}, OpenSession{kPid});
    world.submit({2}, OpenSession{kOther});
    world.join({1}, "a", "ann", UserRole::customer);
    world.join({1}, "b", "ann", UserRole::customer);
    world.join({2}, "a", "bob", UserRole::customer);
    world.join({3}, "a", "sue", UserRole::agent);
    for (const std::uint64_t connection : {1, 2}) world.ask({connection}, ConnectionClosed{});
    const auto removal = world.ask({3}, Command(LeaveRoom{room("a"), user("ann")}));
    REQUIRE(removal.reply.ok());
    const auto removed = std::get<ParticipantRemoved>(removal.updates.back()).event->position;
    SECTION("in this run") {}
    SECTION("after a restart") {
        world.open();
    }
    const auto ann = gapIn(world.ask({4}, ResumeSession{kPid, std::nullopt, kFresh}));
    REQUIRE(ann->rooms.size() == 2);
    REQUIRE(ann->rooms[0].until == removed);
    REQUIRE_FALSE(ann->rooms[1].until);
    const auto bob = gapIn(world.ask({5}, ResumeSession{kOther, std::nullopt, PidHash{8}}));
    REQUIRE(bob->rooms.size() == 1);
    REQUIRE_FALSE(bob->rooms[0].until);
    // It is no longer in the room that its user was removed from: a message there must name a user.
    const auto nameless = namelessMessage("a", "hello");
    const auto refused = world.ask({4}, Command(nameless)).reply;
    REQUIRE(refused.error().code == ErrorCode::missing_field);
    // Once its cursor shows that it received its removal, the removal is forgotten.
    world.ask({4}, ConnectionClosed{});
    const Cursor heard{removed, removed};
    const auto again = gapIn(world.ask({6}, ResumeSession{kPid, heard, PidHash{10}}));
    REQUIRE(again->rooms.size() == 1);
}

TEST_CASE("a session with more removals than it may be told of is not resumed") {
    EngineOptions options;
    options.roomsPerConnectionMax = 3;
    EngineWorld world(options);
    world.submit({1}, OpenSession{kPid});
    world.join({2}, "a", "sue", UserRole::agent);
    Position first;
    const auto removed = [&](int times) {
        for (int i = 0; i < times; ++i) {
            world.join({1}, "a", "ann", UserRole::customer);
            const auto outcome = world.ask({2}, Command(LeaveRoom{room("a"), user("ann")}));
            const auto position =
                std::get<ParticipantRemoved>(outcome.updates.back()).event->position;
            if (first.value == 0) first = position;
        }
        world.ask({1}, ConnectionClosed{});
    };
    const auto resume = [&](std::optional<Cursor> cursor) {
        return gapIn(world.ask({3}, ResumeSession{kPid, cursor, kFresh}));
    };
    SECTION("as many removals as it may have rooms are told") {
        removed(3);
        REQUIRE(resume(std::nullopt)->rooms.size() == 3);
    }
    SECTION("one more is too many") {
        removed(7);
        REQUIRE_FALSE(resume(std::nullopt));
    }
    SECTION("removals that it has been told of do not count") {
        removed(4);
        REQUIRE(resume(Cursor{first, first})->rooms.size() == 3);
    }
}
