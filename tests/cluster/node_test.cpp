#include "cluster/cluster_world.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace parley;
using namespace parley::test;

namespace {

Work say(std::string content) {
    return Command(message("room", "ann", UserRole::agent, std::move(content)));
}

Work join(std::string_view who, UserRole role = UserRole::agent) {
    return Command(JoinRoom{room("room"), user(who), role});
}

/// What a process told of a request; null: nothing yet.
const Outcome* answerOf(Process& process, std::uint64_t number) {
    for (const auto& outcome : process.told()) {
        if (outcome.answered && outcome.origin.replyTo.as<std::uint64_t>() == number) {
            return &outcome;
        }
    }
    return nullptr;
}

const Outcome& ask(ClusterWorld& world, Process& process, ConnectionId connection,
                   std::uint64_t number, Work work) {
    REQUIRE(process.submit(connection, number, std::move(work)).ok());
    REQUIRE(world.becomes([&] { return answerOf(process, number) != nullptr; }));
    return *answerOf(process, number);
}

/// A process that follows.
Process& follower(ClusterWorld& world, std::size_t which = 0) {
    auto& leader = world.becomesLed();
    for (auto& process : world.all()) {
        if (process.get() != &leader && process->isAlive() && which-- == 0) return *process;
    }
    FAIL("nobody follows");
    return leader;
}

/// Takes nothing.
class Taker final : public RequestTaker {
public:
    Result<void> submit(Request) override { return Error{ErrorCode::busy, "full"}; }
    void submit(std::vector<Request>&, const NotTaken&) override {}
};

PidHash pid(std::uint8_t number) {
    PidHash hash;
    hash.bytes.fill(number);
    return hash;
}

}  // namespace

TEST_CASE("three nodes find a leader, and all know it") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) {
        CHECK(process->node().state().leader == leader.name());
    }
}

TEST_CASE("a request to any node is carried out once, and all nodes hold the same rows") {
    ClusterWorld world;
    world.becomesLed();
    std::uint64_t number = 0;
    std::size_t participants = 0;
    for (auto& process : world.all()) {
        const auto& joined = ask(world, *process, {1}, ++number, join("u" + process->name()));
        REQUIRE(joined.reply.ok());
        const auto& reply = std::get<JoinReply>(*joined.reply);
        CHECK(reply.conversation->participants.size() == ++participants);
        CHECK(std::get<Subscribe>(joined.subscription).conversation == reply.conversation->key);
        const auto& said =
            ask(world, *process, {1}, ++number, Command(namelessMessage("room", "m")));
        REQUIRE(said.reply.ok());
        CHECK(std::get<MessageReply>(*said.reply).message->actor.str() == "u" + process->name());
    }
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) {
        CHECK(process->content() == world[0].content());
        CHECK(process->count("SELECT count(*) FROM event WHERE type = 4") == 3);
    }
}

TEST_CASE("every node tells its clients of every message, and leaves out its sender alone") {
    ClusterWorld world;
    auto& follows = follower(world);
    REQUIRE(ask(world, follows, {7}, 1, join("ann")).reply.ok());
    REQUIRE(ask(world, follows, {7}, 2, say("hello")).reply.ok());
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) {
        int told = 0;
        for (const auto& outcome : process->told()) {
            for (const auto& update : outcome.updates) {
                if (!std::holds_alternative<MessageAdded>(update)) continue;
                ++told;
                const bool isHere = process.get() == &follows;
                CHECK((outcome.sender == ConnectionId{7}) == isHere);
            }
        }
        CHECK(told == 1);
    }
}

TEST_CASE("a start tells every node of its first participants") {
    ClusterWorld world;
    auto& follows = follower(world);
    StartConversation start;
    start.conversation = room("new");
    start.createdBy = user("ann");
    start.createdByRole = UserRole::agent;
    start.title = "Lost parcel";
    start.initialParticipants = {{user("ann"), UserRole::agent}, {user("cid"), UserRole::customer}};
    const auto& started = ask(world, follows, {}, 1, Command(start));
    REQUIRE(started.reply.ok());
    const auto& reply = std::get<ConversationReply>(*started.reply);
    CHECK(reply.title == "Lost parcel");
    CHECK(reply.conversation.participants.size() == 2);
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) {
        const ConversationStarted* update = nullptr;
        for (const auto& outcome : process->told()) {
            for (const auto& one : outcome.updates) {
                if (const auto* it = std::get_if<ConversationStarted>(&one)) update = it;
            }
        }
        REQUIRE(update);
        CHECK(update->conversation.participants.size() == 2);
    }
}

TEST_CASE("a refusal, and what it tells, reach the node that asked") {
    ClusterWorld world;
    auto& follows = follower(world);
    REQUIRE(ask(world, follows, {1}, 1, join("ann")).reply.ok());
    REQUIRE(ask(world, follows, {1}, 2, say("one")).reply.ok());
    auto late = message("room", "ann", UserRole::agent, "two");
    late.expectedSeq = Seq{1};
    const auto& refused = ask(world, follows, {1}, 3, Command(late));
    REQUIRE_FALSE(refused.reply.ok());
    CHECK(refused.reply.error().code == ErrorCode::conflict);
    REQUIRE(unseenIn(refused).messages.size() == 1);
    CHECK(unseenIn(refused).messages.front().content == "one");
}

TEST_CASE("an outcome is told only once a majority has it on its disk") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) {
        if (process.get() != &leader) process->kill();
    }
    REQUIRE(leader.submit({}, 1, say("alone")).ok());
    world.pass(std::chrono::seconds(1));
    CHECK(leader.count("SELECT count(*) FROM event WHERE content = 'alone'") == 1);
    CHECK_FALSE(answerOf(leader, 1));
    world.all()[&leader == &world[0] ? 1 : 0]->start();
    CHECK(world.becomes([&] { return answerOf(leader, 1) && answerOf(leader, 1)->reply.ok(); }));
}

TEST_CASE("after the leader's death another one leads, and what waited is carried out once") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    auto& follows = follower(world);
    REQUIRE(ask(world, follows, {1}, 1, join("ann")).reply.ok());
    REQUIRE(world.becomesQuiet());
    leader.kill();
    REQUIRE(follows.submit({1}, 2, say("waited")).ok());
    REQUIRE(world.becomes([&] { return answerOf(follows, 2) != nullptr; }));
    CHECK(answerOf(follows, 2)->reply.ok());
    CHECK(follows.count("SELECT count(*) FROM event WHERE content = 'waited'") == 1);
    leader.start();
    REQUIRE(world.becomesQuiet());
    CHECK(leader.content() == follows.content());
}

TEST_CASE(
    "a leader without room for what the stream has taken follows, and it is carried out once") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    REQUIRE(world.becomesQuiet());
    leader.fillDiskOnce();
    REQUIRE(leader.submit({}, 1, say("no room")).ok());
    REQUIRE(world.becomes([&] { return !leader.node().state().leads; }));
    CHECK_FALSE(answerOf(leader, 1));
    CHECK(&world.becomesLed() != &leader);
    REQUIRE(world.becomes([&] { return answerOf(leader, 1) != nullptr; }));
    CHECK(answerOf(leader, 1)->reply.ok());
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) {
        CHECK(process->count("SELECT count(*) FROM event WHERE content = 'no room'") == 1);
        CHECK(process->content() == leader.content());
    }
}

TEST_CASE("nodes whose disks were all full find a leader again once they have rested") {
    ClusterWorld world;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        auto& leader = world.becomesLed();
        leader.fillDiskOnce();
        REQUIRE(leader.submit({}, i, say("no room")).ok());
        REQUIRE(world.becomes([&] { return !leader.node().state().leads; }));
    }
    world.becomesLed();
    CHECK(world.becomesQuiet());
}

TEST_CASE("a node says that it checks tokens by other keys than the leader, once that lasts") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    auto& follows = follower(world);
    leader.node().tellTokenRules(7);
    follows.node().tellTokenRules(8);
    world.pass(std::chrono::seconds(2));
    CHECK_FALSE(follows.node().state().tokensDiffer);  // they are copied one after the other
    world.pass(std::chrono::seconds(5));
    CHECK(follows.node().state().tokensDiffer);
    CHECK_FALSE(leader.node().state().tokensDiffer);
    follows.node().tellTokenRules(7);
    world.pass(std::chrono::seconds(1));
    CHECK_FALSE(follows.node().state().tokensDiffer);
}

TEST_CASE("a leader that is stopped says so, and another one leads within a second and a half") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    REQUIRE(world.becomesQuiet());
    leader.stop();
    const auto stopped = world.clock().monotonic();
    world.becomesLed();
    CHECK(world.clock().monotonic() - stopped < std::chrono::milliseconds(1500));
}

TEST_CASE("a joined connection stays joined when another node begins to lead") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    auto& follows = follower(world);
    REQUIRE(ask(world, follows, {1}, 1, join("ann")).reply.ok());
    REQUIRE(world.becomesQuiet());
    leader.kill();
    world.becomesLed();
    const auto& said = ask(world, follows, {1}, 2, Command(namelessMessage("room", "me again")));
    REQUIRE(said.reply.ok());
    CHECK(std::get<MessageReply>(*said.reply).message->actor == user("ann"));
}

TEST_CASE("a session is resumed on another node, and the connection that had it loses it") {
    ClusterWorld world;
    auto& first = follower(world, 0);
    auto& second = follower(world, 1);
    REQUIRE(first.submit({5}, 0, OpenSession{pid(1)}).ok());
    REQUIRE(ask(world, first, {5}, 1, join("ann")).reply.ok());
    REQUIRE(ask(world, second, {}, 2, Command(message("room", "bob", UserRole::customer, "hi")))
                .reply.ok());
    ResumeSession resume;
    resume.pid = pid(1);
    resume.fresh = pid(2);
    const auto& resumed = ask(world, second, {9}, 3, resume);
    REQUIRE(resumed.reply.ok());
    const auto& gap = std::get<ResumeReply>(*resumed.reply).gap;
    REQUIRE(gap);
    REQUIRE(gap->rooms.size() == 1);
    CHECK(gap->upTo == second.head().position);
    REQUIRE(world.becomesQuiet());
    const auto losesIt = [](const Outcome& outcome) {
        return outcome.takenOver == ConnectionId{5};
    };
    CHECK(std::count_if(first.told().begin(), first.told().end(), losesIt) == 1);
    CHECK(std::none_of(first.told().begin(), first.told().end(),
                       [](const Outcome& outcome) { return outcome.comesBack; }));
    CHECK(std::count_if(second.told().begin(), second.told().end(), losesIt) == 0);
    CHECK(ask(world, second, {9}, 4, Command(namelessMessage("room", "back"))).reply.ok());
    CHECK_FALSE(ask(world, first, {5}, 5, Command(namelessMessage("room", "gone"))).reply.ok());
}

TEST_CASE("the clients of a node that starts again have gone, and their typing ends") {
    ClusterWorld world;
    auto& follows = follower(world);
    REQUIRE(ask(world, follows, {1}, 1, join("ann")).reply.ok());
    REQUIRE(
        ask(world, follows, {1}, 2, Command(StartTyping{room("room"), user("ann"), "Ann", {}, {}}))
            .reply.ok());
    CHECK(follows.count("SELECT count(*) FROM live_typing") == 1);
    follows.kill();
    follows.start();
    REQUIRE(ask(world, follows, {1}, 3, Barrier{}).reply.ok());
    REQUIRE(world.becomesQuiet());
    CHECK(follows.count("SELECT count(*) FROM live_room") == 0);
    CHECK(follows.count("SELECT count(*) FROM live_typing") == 0);
    CHECK(follows.count("SELECT count(*) FROM event WHERE cause = 'disconnect'") == 1);
    CHECK_FALSE(ask(world, follows, {1}, 4, Command(namelessMessage("room", "who"))).reply.ok());
}

TEST_CASE("a node that was restarted and leads ends the typing of a client of another node") {
    // How often the typing stopped, if the node that was restarted came to lead.
    const auto stopsAfter = [](std::chrono::milliseconds pause) -> std::optional<std::int64_t> {
        ClusterWorld world;
        auto& leader = world.becomesLed();
        auto& restarts = follower(world, 0);
        auto& types = follower(world, 1);
        REQUIRE(ask(world, types, {1}, 1, join("ann")).reply.ok());
        const StartTyping start{room("room"), user("ann"), "Ann", {}, {}};
        REQUIRE(ask(world, types, {1}, 2, Command(start)).reply.ok());
        REQUIRE(world.becomesQuiet());
        restarts.kill();
        restarts.start();
        world.pass(pause);
        leader.stop();
        if (&world.becomesLed() != &restarts) return std::nullopt;
        REQUIRE(types.submit({1}, 0, ConnectionClosed{}).ok());
        REQUIRE(ask(world, types, {2}, 3, Barrier{}).reply.ok());
        return types.count("SELECT count(*) FROM event WHERE type = 6");
    };
    std::optional<std::int64_t> stops;
    for (std::chrono::milliseconds pause{0}; pause < std::chrono::seconds(3) && !stops;) {
        stops = stopsAfter(pause += std::chrono::milliseconds(100));
    }
    REQUIRE(stops);
    CHECK(*stops == 1);
}

TEST_CASE("the clients of a node that is not heard for long have gone, and are to come back") {
    ClusterWorld world;
    auto& follows = follower(world);
    REQUIRE(ask(world, follows, {1}, 1, join("ann")).reply.ok());
    world.network().cut(follows.name(), true);
    world.pass(std::chrono::seconds(15));
    world.network().cut(follows.name(), false);
    REQUIRE(world.becomesQuiet());
    CHECK(follows.count("SELECT count(*) FROM live_room") == 0);
    const auto losesIt = [](const Outcome& outcome) {
        return outcome.takenOver == ConnectionId{1} && outcome.comesBack;
    };
    CHECK(std::any_of(follows.told().begin(), follows.told().end(), losesIt));
}

TEST_CASE("the clients of a node that never comes back have gone") {
    ClusterWorld world;
    auto& follows = follower(world);
    REQUIRE(ask(world, follows, {7}, 1, join("ann")).reply.ok());
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) process->kill();
    for (auto& process : world.all()) {
        if (process.get() != &follows) process->start();
    }
    auto& leader = world.becomesLed();
    REQUIRE(leader.count("SELECT count(*) FROM live_room") == 1);
    REQUIRE(world.becomes([&] { return leader.count("SELECT count(*) FROM live_room") == 0; }));
}

TEST_CASE("what comes together and is more than a message of the stream becomes several units") {
    ClusterWorld world;
    auto& follows = follower(world);
    constexpr std::uint64_t count = 6;
    for (std::uint64_t number = 1; number <= count; ++number) {
        REQUIRE(follows.submit({}, number, say(std::string(500'000, 'x'))).ok());
    }
    REQUIRE(world.becomes([&] { return answerOf(follows, count) != nullptr; }));
    for (std::uint64_t number = 1; number <= count; ++number) {
        CHECK(answerOf(follows, number)->reply.ok());
    }
    REQUIRE(world.becomesQuiet());
    for (auto& process : world.all()) CHECK(process->content() == world[0].content());
}

TEST_CASE("many connections that go at once are closed in several units") {
    ClusterWorld world;
    auto& follows = follower(world);
    const std::string longId(120, 'u');
    std::uint64_t number = 0;
    constexpr std::uint64_t connections = 50;
    constexpr std::uint64_t rooms = 140;  // 7,000 rows, of 180 bytes each
    for (std::uint64_t one = 1; one <= connections; ++one) {
        for (std::uint64_t in = 0; in < rooms; ++in) {
            const Work work =
                Command(JoinRoom{room("r" + std::to_string(in)), user(longId + std::to_string(one)),
                                 UserRole::agent});
            REQUIRE(follows.submit({one}, ++number, work).ok());
        }
        REQUIRE(world.becomes([&] { return follows.node().state().waitingRequests == 0; }));
    }
    auto& leader = world.becomesLed();
    const auto joined = [&] { return leader.count("SELECT count(*) FROM live_room"); };
    REQUIRE(joined() == static_cast<std::int64_t>(connections * rooms));
    const auto before = world.log().last();
    follows.kill();
    REQUIRE(world.becomes([&] { return joined() == 0; }));
    REQUIRE(world.becomesQuiet());
    CHECK(world.log().last() >= before + 2);
    for (auto& process : world.all()) {
        if (process->isAlive()) CHECK(process->content() == leader.content());
    }
}

TEST_CASE("a bus may outlive its node, and still speak to it") {
    ClusterWorld world;
    FakeNetwork network(1);
    FakeBus bus("a", network);
    SeededRandom random(1);
    RecordingSink sink;
    Taker engine;
    NodeOptions options;
    options.cluster = "c";
    options.node = "a";
    options.run = {1, 1};
    options.voters = {"a"};
    options.stepped = true;
    auto node = std::make_unique<Node>(options, world.log(), bus, world.clock(), random, sink,
                                       Replica::Place{});
    node->begin(engine);
    node.reset();
    bus.send("parley.c.mark.b", "no mark");
    bus.send("parley.c.req.a", "no requests");
    network.deliver();
    CHECK(sink.batches() == 0);
}

TEST_CASE("a request that finds no leader for long is refused, and nothing of it is stored") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    auto& follows = follower(world);
    REQUIRE(world.becomesQuiet());
    leader.kill();
    for (auto& process : world.all()) {
        if (process.get() != &follows && process->isAlive()) process->kill();
    }
    world.pass(std::chrono::seconds(3));
    REQUIRE(follows.submit({}, 1, say("nobody")).ok());
    REQUIRE(world.becomes([&] { return answerOf(follows, 1) != nullptr; }));
    REQUIRE_FALSE(answerOf(follows, 1)->reply.ok());
    CHECK(answerOf(follows, 1)->reply.error().code == ErrorCode::unavailable);
    for (auto& process : world.all()) {
        if (!process->isAlive()) process->start();
    }
    REQUIRE(world.becomesQuiet());
    CHECK(follows.count("SELECT count(*) FROM event WHERE content = 'nobody'") == 0);
}

TEST_CASE("a leader that is cut off tells nobody anything, and follows when it is back") {
    ClusterWorld world;
    auto& leader = world.becomesLed();
    REQUIRE(world.becomesQuiet());
    world.network().cut(leader.name(), true);
    REQUIRE(world.becomes([&] {
        return std::any_of(world.all().begin(), world.all().end(), [&](auto& process) {
            return process.get() != &leader && process->node().state().leads;
        });
    }));
    REQUIRE(leader.submit({}, 1, say("from the island")).ok());
    world.pass(std::chrono::seconds(3));
    CHECK_FALSE(answerOf(leader, 1));
    world.network().cut(leader.name(), false);
    REQUIRE(world.becomesQuiet());
    REQUIRE(world.becomes([&] { return answerOf(leader, 1) != nullptr; }));
    for (auto& process : world.all()) CHECK(process->content() == leader.content());
}
