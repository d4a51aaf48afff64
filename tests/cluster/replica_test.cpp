#include "cluster/fake_log.h"
#include "cluster/node_world.h"

#include <catch2/catch.hpp>

#include <string>

using namespace parley;
using namespace parley::test;

namespace {

/// Two nodes; the first one leads.
struct Pair {
    FakeLog log;
    NodeWorld a{"a", log};
    NodeWorld b{"b", log};
    Pair() { REQUIRE(a.lead() == Append::taken); }

    void followWell() {
        REQUIRE(b.pull().ok());
        REQUIRE(b.content() == a.content());
    }
};

Outcome say(NodeWorld& node, std::string content) {
    return node.world().ask({},
                            Command(message("room", "ann", UserRole::agent, std::move(content))));
}

std::int64_t messagesIn(NodeWorld& node) {
    return node.count("SELECT count(*) FROM event WHERE type = 4");
}

/// A room with ann in it, on both nodes.
void open(Pair& pair) {
    REQUIRE(pair.a.world().join({}, "room", "ann", UserRole::agent).reply.ok());
    pair.followWell();
}

}  // namespace

TEST_CASE("what the leader commits is the same on a node that follows, row by row") {
    Pair pair;
    open(pair);
    auto& world = pair.a.world();
    REQUIRE(world.join({1}, "other", "bob", UserRole::customer).reply.ok());
    world.type("room", "ann", "Ann");
    world.say("room", "ann", "hello");
    world.say("other", "bob", "Grüß dich");
    world.settleWell();
    CHECK(pair.b.head().position < pair.a.head().position);
    pair.followWell();
    CHECK(pair.b.head().hash == pair.a.head().hash);
    CHECK(messagesIn(pair.b) == 2);
    CHECK(pair.b.replica().mark() == pair.a.replica().mark());
}

TEST_CASE("an event that was applied tells what changed, as on the node that decided it") {
    Pair pair;
    open(pair);
    REQUIRE(say(pair.a, "hello").reply.ok());
    REQUIRE(pair.b.pull().ok());
    const auto& told = pair.b.world().sink().outcomes().back();
    REQUIRE(told.updates.size() == 1);
    const auto& update = std::get<MessageAdded>(told.updates.front());
    CHECK(update.message->content == "hello");
    CHECK(update.message->fingerprint == fingerprintOf(pair.a.head().hash));
}

TEST_CASE("a node that follows refuses commands, and stores nothing of them") {
    Pair pair;
    open(pair);
    const auto refused = say(pair.b, "hello");
    REQUIRE_FALSE(refused.reply.ok());
    CHECK(refused.reply.error().code == ErrorCode::unavailable);
    CHECK(pair.b.content() == pair.a.content());
    CHECK(pair.log.last() == 2);
}

TEST_CASE("one commit is one message of the stream, and what changes nothing is none") {
    Pair pair;
    open(pair);
    const auto before = pair.log.appends();
    auto& world = pair.a.world();
    for (int i = 0; i < 5; ++i) world.say("room", "ann", "m");
    world.settleWell();
    CHECK(pair.log.appends() == before + 1);
    world.submit({1}, Barrier{});
    world.settleWell();
    CHECK(pair.log.appends() == before + 1);
    world.submit({1}, OpenSession{});
    world.settleWell();
    CHECK(pair.log.appends() == before + 2);  // the next leader needs to know of it
}

TEST_CASE("an append without an answer is tried again, and stored once") {
    for (const bool isCarriedOut : {false, true}) {
        INFO("the stream took it: " << isCarriedOut);
        Pair pair;
        open(pair);
        const auto last = pair.log.last();
        pair.log.answerOnce(Append::unknown, isCarriedOut);
        CHECK(say(pair.a, "once").reply.ok());
        CHECK(pair.log.last() == last + 1);
        CHECK(messagesIn(pair.a) == 1);
        pair.followWell();
    }
}

TEST_CASE("a leader that another one has replaced is refused, tells so, and follows") {
    Pair pair;
    open(pair);
    REQUIRE(pair.b.lead() == Append::taken);
    REQUIRE(say(pair.b, "of b").reply.ok());

    CHECK(pair.a.replica().leads());
    const auto refused = say(pair.a, "of a");
    REQUIRE_FALSE(refused.reply.ok());
    CHECK(refused.reply.error().code == ErrorCode::unavailable);
    CHECK_FALSE(pair.a.replica().leads());
    CHECK(messagesIn(pair.a) == 0);

    REQUIRE(pair.a.pull().ok());
    CHECK(pair.a.content() == pair.b.content());
    CHECK(messagesIn(pair.a) == 1);
}

TEST_CASE("a leader that sees another one's message follows it without having to ask") {
    Pair pair;
    open(pair);
    REQUIRE(pair.b.lead() == Append::taken);
    REQUIRE(say(pair.b, "of b").reply.ok());
    REQUIRE(pair.a.pull().ok());
    CHECK_FALSE(pair.a.replica().leads());
    CHECK(pair.a.content() == pair.b.content());
}

TEST_CASE("a leader whose own question for the leadership arrives late goes on leading") {
    Pair pair;
    open(pair);
    pair.log.answerOnce(Append::unknown, true);
    CHECK(pair.a.replica().askToLead(pair.a.head()) == Append::unknown);
    REQUIRE(pair.a.pull().ok());
    CHECK(pair.a.replica().leads());
    CHECK(pair.a.replica().mark().epoch == 2);
    CHECK(say(pair.a, "hello").reply.ok());
    pair.followWell();
}

TEST_CASE("of two nodes that ask for the leadership at once, one leads") {
    Pair pair;
    open(pair);
    NodeWorld c("c", pair.log);
    REQUIRE(c.pull().ok());
    const auto head = pair.b.head();
    CHECK(pair.b.replica().askToLead(head) == Append::taken);
    CHECK(c.replica().askToLead(head) == Append::refused);
    REQUIRE(pair.b.pull().ok());
    REQUIRE(c.pull().ok());
    CHECK(pair.b.replica().leads());
    CHECK_FALSE(c.replica().leads());
}

TEST_CASE("a node leads only once it has applied everything before its leadership") {
    Pair pair;
    open(pair);
    REQUIRE(say(pair.a, "last words").reply.ok());
    // It has not applied those, so it cannot name the stream's last message.
    CHECK(pair.b.replica().askToLead(pair.b.head()) == Append::refused);
    CHECK(pair.b.lead() == Append::taken);
    CHECK(messagesIn(pair.b) == 1);
    CHECK(pair.b.replica().leads());
}

TEST_CASE("a message that was changed on the way is not applied, nor anything after it") {
    Pair pair;
    open(pair);
    REQUIRE(say(pair.a, "hello").reply.ok());
    auto& bytes = pair.log.at(pair.log.last()).bytes;
    bytes.replace(bytes.find("hello"), 5, "jelly");
    REQUIRE(say(pair.a, "again").reply.ok());
    const auto before = pair.b.content();
    const auto refused = pair.b.pull();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::storage_damaged);
    CHECK(pair.b.content() == before);
    CHECK_FALSE(pair.b.pull().ok());
}

TEST_CASE("a message that only a server has which does not lead the stream is not applied") {
    Pair pair;
    open(pair);
    const auto before = pair.b.head();
    BatchMessage other;
    other.kind = BatchMessage::Kind::epoch;
    other.incarnation = 1;
    other.epoch = 2;
    other.node = "c";
    other.after = before.position;
    other.previous = before.hash;
    const auto sequence = pair.log.last() + 1;
    REQUIRE(say(pair.a, "hello").reply.ok());
    REQUIRE(say(pair.a, "hello again").reply.ok());
    pair.log.haveInCopy({sequence, "1-1-" + std::to_string(sequence - 1) + "-c", encode(other)});
    SECTION("the leading server's is, and what follows") {
        pair.followWell();
        CHECK(pair.b.replica().mark() == pair.a.replica().mark());
    }
    SECTION("nothing is while no server leads") {
        pair.log.beLed(false);
        CHECK(pair.b.pull().error().code == ErrorCode::busy);
        CHECK(pair.b.head().position == before.position);
        pair.log.beLed(true);
        pair.followWell();
    }
}

TEST_CASE("a node that only a copy of the stream has made the leader does not lead") {
    Pair pair;
    open(pair);
    NodeWorld c{"c", pair.log};
    REQUIRE(c.pull().ok());
    const auto sequence = pair.log.last() + 1;
    REQUIRE(pair.b.lead() == Append::taken);
    REQUIRE(say(pair.b, "hello").reply.ok());
    BatchMessage other = decodeBatch(pair.log.at(sequence).bytes).value();
    other.node = "c";
    pair.log.haveInCopy({sequence, "1-1-" + std::to_string(sequence - 1) + "-c", encode(other)});
    for (const std::uint64_t heard : {0U, 2U}) {
        while (auto work = c.replica().next({true, heard}).value()) {
            REQUIRE(c.world().ask({}, std::move(*work)).reply.ok());
        }
    }
    CHECK_FALSE(c.replica().isElected());
    CHECK(c.content() == pair.b.content());
}

TEST_CASE("what the leader that is heard has written is not asked for again") {
    Pair pair;
    open(pair);
    REQUIRE(say(pair.a, "hello").reply.ok());
    const auto asked = pair.log.ledReads();
    REQUIRE(pair.b.replica().next({true, pair.a.replica().mark().epoch}).value().has_value());
    CHECK(pair.log.ledReads() == asked);
    pair.b.replica().giveBack();
    REQUIRE(pair.b.replica().next({true, 7}).value().has_value());
    CHECK(pair.log.ledReads() == asked + 1);
}

TEST_CASE("messages that have come together are applied in one commit, and each place is known") {
    Pair pair;
    open(pair);
    static_cast<void>(pair.b.replica().takePlaces());
    const auto before = pair.b.replica().mark().sequence;
    for (int i = 0; i < 5; ++i) REQUIRE(say(pair.a, std::to_string(i)).reply.ok());
    pair.log.haveAhead(9);
    const auto batches = pair.b.world().sink().batches();
    pair.followWell();
    CHECK(pair.b.world().sink().batches() == batches + 1);
    const auto places = pair.b.replica().takePlaces();
    REQUIRE(places.size() == 5);
    for (std::size_t i = 0; i < places.size(); ++i) {
        CHECK(places[i].mark.sequence == before + 1 + i);
    }
    CHECK(places.back().head.hash == pair.a.head().hash);
    REQUIRE(pair.b.replica().takePlaces().size() == 1);
}

TEST_CASE("a unit that was committed after it was given again is given no more") {
    Pair pair;
    open(pair);
    REQUIRE(say(pair.a, "behind it").reply.ok());
    // It resigns while the stream takes its last unit, and reads that with what comes behind it.
    Replica late({.node = "a"}, pair.log, {{1, 1, 1}, LogHead{}});
    const auto given = late.next({});
    REQUIRE(given.ok());
    REQUIRE(*given);
    REQUIRE((*given)->units.size() > 1);
    const auto& first = *(*given)->units.front();
    const auto& last = first.events.back();
    late.committed(first.mark, {last.event.position, last.event.at, last.event.id, last.hash});
    CHECK(late.giveBack() > 1);  // the engine refuses them: its log has the first one
    const auto again = late.next({});
    REQUIRE(again.ok());
    REQUIRE(*again);
    CHECK((*again)->units.front()->mark.sequence == first.mark.sequence + 1);
}

TEST_CASE("of messages that have come together those before a damaged one are applied") {
    Pair pair;
    open(pair);
    for (const char* text : {"one", "two", "three", "four"}) {
        REQUIRE(say(pair.a, text).reply.ok());
    }
    auto& bytes = pair.log.at(pair.log.last() - 1).bytes;
    bytes.replace(bytes.find("three"), 5, "there");
    pair.log.haveAhead(9);
    const auto refused = pair.b.pull();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::storage_damaged);
    CHECK(messagesIn(pair.b) == 2);
}

TEST_CASE("a node with another past does not apply what follows the leader's") {
    Pair pair;
    open(pair);
    FakeLog otherLog;
    NodeWorld other("b", otherLog);
    REQUIRE(other.lead() == Append::taken);
    REQUIRE(other.world().join({}, "room", "eve", UserRole::agent).reply.ok());
    const auto before = other.content();
    // The same numbers, another stream.
    Replica misled({.node = "b"}, pair.log, {{1, 1, 1}, LogHead{}});
    const auto work = misled.next({});
    REQUIRE(work.ok());
    REQUIRE(*work);
    other.restart();  // it does not lead any more
    const auto refused = other.world().ask({}, std::move(**work));
    REQUIRE_FALSE(refused.reply.ok());
    CHECK(refused.reply.error().code == ErrorCode::storage_damaged);
    CHECK(other.content() == before);
}

TEST_CASE("a node that was restarted goes on where it was") {
    Pair pair;
    open(pair);
    REQUIRE(say(pair.a, "one").reply.ok());
    REQUIRE(pair.b.pull().ok());
    pair.b.restart();
    REQUIRE(say(pair.a, "two").reply.ok());
    pair.followWell();

    pair.a.restart();
    CHECK_FALSE(pair.a.replica().leads());
    CHECK_FALSE(say(pair.a, "three").reply.ok());
    REQUIRE(pair.a.lead() == Append::taken);
    REQUIRE(say(pair.a, "three").reply.ok());
    pair.followWell();
    CHECK(messagesIn(pair.b) == 3);
}

TEST_CASE("typing times out on the leader alone") {
    Pair pair;
    open(pair);
    pair.a.world().type("room", "ann", "Ann");
    pair.a.world().settleWell();
    pair.followWell();
    for (auto* node : {&pair.a, &pair.b}) node->world().clock().advance(std::chrono::seconds(10));
    pair.b.world().settle();
    CHECK(pair.b.content() == pair.a.content());
    pair.a.world().settle();
    CHECK(pair.a.count("SELECT count(*) FROM event WHERE cause = 'timeout'") == 1);
    pair.followWell();
}

TEST_CASE("what retention empties on the leader is emptied on every node") {
    Pair pair;
    open(pair);
    const std::string emptied = "SELECT count(*) FROM event WHERE data = ''";
    for (int i = 0; i < 3; ++i) {
        pair.a.world().type("room", "ann", "Ann");
        pair.a.world().settleWell();
        for (auto* node : {&pair.a, &pair.b}) {
            node->world().clock().advance(std::chrono::seconds(10));
        }
        pair.a.world().settleWell();
    }
    REQUIRE(pair.a.world().becomes([&] { return pair.a.count(emptied) > 0; },
                                   std::chrono::milliseconds(500)));
    pair.followWell();
    CHECK(pair.b.count(emptied) == pair.a.count(emptied));
}
