#include "cluster/forwarder.h"
#include "cluster/inbox.h"
#include "cluster/membership.h"

#include <parley/cluster/node_mark.h>
#include <parley/cluster/request_message.h>
#include <parley/cluster/run_id.h>
#include <parley/core/clock.h>

#include <catch2/catch.hpp>

#include <string>
#include <variant>
#include <vector>

using namespace parley;
using std::chrono::milliseconds;

namespace {

constexpr RunId kRun{3, 7};

/// Keeps what it was handed.
class Taker final : public RequestTaker {
public:
    Result<void> submit(Request request) override {
        if (isFull) return Error{ErrorCode::busy, "full"};
        taken.push_back(std::move(request));
        return {};
    }
    void submit(std::vector<Request>&, const NotTaken&) override {}
    std::vector<std::uint64_t> numbers() const {
        std::vector<std::uint64_t> found;
        for (const auto& one : taken) {
            found.push_back(RequestTag::in(one.origin.replyTo).number);
        }
        return found;
    }
    std::vector<Request> taken;
    bool isFull = false;
};

struct World {
    ManualClock clock;
    Forwarder forwarder{{kRun, 100, milliseconds(15'000), milliseconds(1000)}, clock};
    std::vector<std::string> sent;
    void submit(int count, const Work& work = Barrier{}) {
        std::vector<Request> requests(static_cast<std::size_t>(count));
        for (auto& request : requests) {
            request.origin.connection = {1};
            request.work = work;
        }
        forwarder.submit(requests, [](const Request&, const Error&) { FAIL("not taken"); });
    }
    void leaderIs(std::uint64_t epoch) {
        forwarder.handTo(epoch, [this](std::string bytes) { sent.push_back(std::move(bytes)); });
    }
    void arriveAt(Inbox& inbox) {
        for (auto& bytes : std::exchange(sent, {})) {
            auto message = decodeRequests(bytes);
            REQUIRE(message.ok());
            inbox.take(std::move(*message));
        }
    }
};

std::vector<std::uint64_t> upTo(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> all;
    for (; from <= to; ++from) all.push_back(from);
    return all;
}

std::vector<std::uint64_t> answered(const Taker& taker) {
    std::vector<std::uint64_t> all;
    for (const auto number : taker.numbers()) {
        if (number > 0) all.push_back(number);
    }
    return all;
}

NodeMark markOf(std::string name, std::uint64_t sequence) {
    NodeMark mark;
    mark.number = static_cast<std::uint16_t>(name.front() - 'a' + 1);
    mark.run = 1;
    mark.name = std::move(name);
    mark.applied = {1, 1, sequence};
    mark.position = {static_cast<std::int64_t>(sequence)};
    return mark;
}

NodeMark anotherLogOf(std::string name, std::uint64_t sequence) {
    auto mark = markOf(std::move(name), sequence);
    mark.fingerprint.bytes.fill(9);
    return mark;
}

}  // namespace

TEST_CASE("a connection's number in the cluster says whose it is, and comes back") {
    const ConnectionId local{std::uint64_t{5} << 48 | 12'345'678'901};
    const auto number = ClusterConnection::of(kRun, local);
    CHECK(ClusterConnection::localOf(kRun, number) == local);
    CHECK_FALSE(ClusterConnection::localOf({3, 8}, number));
    CHECK_FALSE(ClusterConnection::localOf({4, 7}, number));
    CHECK(ClusterConnection::firstOf(3) <= number);
    CHECK(number <= ClusterConnection::lastOf(3));
    CHECK(static_cast<std::int64_t>(ClusterConnection::lastOf(kNodesMax).value) > 0);
    CHECK(ClusterConnection::of(kRun, {}) == ConnectionId{});
}

TEST_CASE("a run shortly before the known one is late, and any other is newer") {
    CHECK(isLateRun(6, 7));
    CHECK(isLateRun(65535, 0));
    CHECK_FALSE(isLateRun(7, 7));
    CHECK_FALSE(isLateRun(8, 7));
    CHECK_FALSE(isLateRun(7, 40'000));  // counted anew, by the clock
}

TEST_CASE("requests reach a leader in their order, once, however often they are sent") {
    World world;
    Taker engine;
    Inbox inbox(engine);
    inbox.begin(4);
    world.leaderIs(4);
    world.submit(3);
    world.arriveAt(inbox);
    world.clock.advance(milliseconds(2000));
    world.forwarder.retry();
    world.submit(2);
    world.arriveAt(inbox);
    CHECK(answered(engine) == upTo(1, 5));
    CHECK(world.forwarder.resent() == 3);
}

TEST_CASE("what was lost on the way is sent again, and nothing is taken out of turn") {
    World world;
    Taker engine;
    Inbox inbox(engine);
    inbox.begin(4);
    world.leaderIs(4);
    world.submit(2);
    world.arriveAt(inbox);
    world.submit(2);
    world.sent.clear();
    world.submit(1);
    world.arriveAt(inbox);
    CHECK(answered(engine) == upTo(1, 2));
    world.clock.advance(milliseconds(2000));
    world.forwarder.retry();
    world.arriveAt(inbox);
    CHECK(answered(engine) == upTo(1, 5));
}

TEST_CASE("the next leader gets what the one before has not decided, and only that") {
    World world;
    Taker first;
    Inbox inbox(first);
    inbox.begin(4);
    world.leaderIs(4);
    world.submit(4);
    world.arriveAt(inbox);
    for (const std::uint64_t number : {1, 2, 3}) world.forwarder.decided(number);
    REQUIRE(world.forwarder.settle(1));
    CHECK_FALSE(world.forwarder.settle(1));

    Taker second;
    Inbox other(second);
    other.begin(5);
    world.leaderIs(5);
    world.arriveAt(other);
    CHECK(answered(second) == upTo(2, 4));
    int commands = 0;
    for (const auto& request : second.taken) commands += request.origin.connection ? 1 : 0;
    CHECK(commands == 1);  // those decided go as barriers of no connection
}

TEST_CASE("requests of an epoch that has passed are ignored") {
    World world;
    Taker engine;
    Inbox inbox(engine);
    world.leaderIs(4);
    world.submit(1);
    inbox.begin(6);
    world.arriveAt(inbox);
    CHECK(engine.taken.empty());
}

TEST_CASE("a full queue takes the rest later") {
    World world;
    Taker engine;
    engine.isFull = true;
    world.forwarder.handTo(4, engine);
    world.submit(3);
    CHECK(engine.taken.empty());
    engine.isFull = false;
    world.forwarder.retry();
    CHECK(engine.numbers() == upTo(1, 3));
}

TEST_CASE("an engine gets each request once in an epoch, and what it has not decided in the next") {
    World world;
    Taker engine;
    world.forwarder.handTo(4, engine);
    world.submit(2);
    world.forwarder.handToNobody();
    world.submit(1);
    world.forwarder.handTo(4, engine);
    CHECK(engine.numbers() == upTo(1, 3));
    world.forwarder.decided(1);
    engine.taken.clear();
    world.forwarder.handToNobody();
    world.forwarder.handTo(6, engine);
    CHECK(engine.numbers() == upTo(2, 3));
}

TEST_CASE("a node that starts again loses the connections of the run before") {
    World world;
    Taker engine;
    Inbox inbox(engine);
    inbox.begin(4);
    world.leaderIs(4);
    world.submit(1);
    world.arriveAt(inbox);
    const auto covers = [&](RunId run) {
        const auto one = ClusterConnection::of(run, {1});
        for (const auto& request : engine.taken) {
            const auto* gone = std::get_if<ConnectionsGone>(&request.work);
            if (gone && gone->first <= one && one <= gone->last) return true;
        }
        return false;
    };
    CHECK(covers({3, 6}));
    CHECK(covers({3, 8}));
    CHECK_FALSE(covers(kRun));
    CHECK_FALSE(covers({2, 7}));
    CHECK_FALSE(covers({4, 7}));
}

TEST_CASE("a node whose later run is heard loses the connections of the run before") {
    Taker engine;
    Inbox inbox(engine);
    inbox.heard({3, 7});  // it does not lead
    CHECK(engine.taken.empty());
    inbox.begin(4);
    inbox.heard({3, 7});
    CHECK(engine.taken.size() == 2);  // those before, and those behind
    inbox.heard({3, 7});
    inbox.heard({3, 6});
    CHECK(engine.taken.size() == 2);
    inbox.heard({3, 8});
    CHECK(engine.taken.size() == 4);
    inbox.begin(5);
    inbox.heard({3, 8});
    CHECK(engine.taken.size() == 6);
}

TEST_CASE("a request that was handed to nobody is given up once, and never carried out") {
    World world;
    world.submit(1);
    CHECK(world.forwarder.giveUp().empty());
    world.clock.advance(milliseconds(15'001));
    CHECK(world.forwarder.giveUp().size() == 1);
    CHECK(world.forwarder.giveUp().empty());
    CHECK(world.forwarder.waiting() == 0);
    Taker engine;
    world.forwarder.handTo(4, engine);
    CHECK(engine.taken.empty());
}

TEST_CASE("a request that was given up is carried out by no later leader, and leaves no trace") {
    World world;
    Taker engine;
    world.leaderIs(4);
    world.submit(2, WatchDashboard{});
    world.sent.clear();  // lost on the way
    world.clock.advance(milliseconds(15'001));
    CHECK(world.forwarder.giveUp().size() == 2);
    CHECK(world.forwarder.waiting() == 2);
    Inbox inbox(engine);
    inbox.begin(5);
    world.leaderIs(5);
    world.arriveAt(inbox);
    REQUIRE(answered(engine) == upTo(1, 2));
    for (const auto& request : engine.taken) {
        if (RequestTag::in(request.origin.replyTo).number == 0) continue;
        CHECK(std::holds_alternative<Barrier>(request.work));
    }
    for (const std::uint64_t number : {1, 2}) CHECK_FALSE(world.forwarder.settle(number));
    CHECK(world.forwarder.waiting() == 0);
}

TEST_CASE("an engine here carries out nothing of what was given up") {
    World world;
    Taker engine;
    world.leaderIs(4);
    world.submit(1, WatchDashboard{});
    world.clock.advance(milliseconds(15'001));
    REQUIRE(world.forwarder.giveUp().size() == 1);
    world.forwarder.handTo(5, engine);
    REQUIRE(engine.taken.size() == 1);
    CHECK(std::holds_alternative<Barrier>(engine.taken.front().work));
}

TEST_CASE("a sequence is durable once a majority has the same log up to there") {
    Membership membership({"a", {"a", "b", "c"}, milliseconds(1500)});
    for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
        membership.applied(markOf("a", sequence));
    }
    CHECK(membership.durable() == 0);
    membership.heard(markOf("b", 3), milliseconds(0));
    CHECK(membership.durable() == 3);
    membership.heard(markOf("c", 5), milliseconds(0));
    CHECK(membership.durable() == 5);
    membership.heard(markOf("b", 9), milliseconds(0));
    CHECK(membership.durable() == 5);  // this node has no more itself
}

TEST_CASE("a node that applies several messages at once still compares each of them") {
    Membership membership({"a", {"a", "b", "c"}, milliseconds(1500)});
    const auto pointAt = [](std::uint64_t sequence) {
        return Membership::LogPoint{sequence, {static_cast<std::int64_t>(sequence)}, {}};
    };
    membership.applied(markOf("a", 1));
    membership.applied(markOf("a", 5), {pointAt(2), pointAt(3), pointAt(4), pointAt(5)});
    membership.heard(markOf("b", 3), milliseconds(0));
    CHECK(membership.durable() == 3);
    auto other = anotherLogOf("c", 4);
    membership.heard(other, milliseconds(0));
    CHECK(membership.differing() == "c");
}

TEST_CASE("what a node ahead has told of counts as soon as this node gets there") {
    Membership membership({"a", {"a", "b", "c"}, milliseconds(1500)});
    membership.applied(markOf("a", 1));
    for (std::uint64_t sequence = 2; sequence <= 9; ++sequence) {
        membership.heard(markOf("b", sequence), milliseconds(0));
    }
    for (std::uint64_t sequence = 2; sequence <= 8; ++sequence) {
        membership.applied(markOf("a", sequence));
        CHECK(membership.durable() == sequence);  // b has always been further
    }
}

TEST_CASE("a node whose log differs counts for nothing, and is told of") {
    Membership membership({"a", {"a", "b", "c"}, milliseconds(1500)});
    membership.applied(markOf("a", 1));
    auto other = anotherLogOf("b", 1);
    membership.heard(other, milliseconds(0));
    CHECK(membership.durable() == 0);
    CHECK(membership.differing() == "b");
}

TEST_CASE("of nodes with other logs the ones that are most go on, and the other one is wrong") {
    Membership most({"a", {"a", "b", "c"}, milliseconds(1500)});
    most.applied(markOf("a", 4));
    auto other = anotherLogOf("c", 4);
    most.heard(other, milliseconds(0));
    CHECK_FALSE(most.mayAsk(milliseconds(0)));  // it is not known which of the two is wrong
    CHECK_FALSE(most.differsFromMost());
    most.heard(markOf("b", 4), milliseconds(0));
    CHECK(most.mayAsk(milliseconds(0)));
    CHECK_FALSE(most.differsFromMost());
    CHECK(most.differing() == "c");

    other.elected = true;
    other.applied.epoch = 7;
    most.heard(other, milliseconds(0));
    CHECK(most.leader(milliseconds(0)) == nullptr);

    auto anew = markOf("c", 4);  // it has joined from a backup
    anew.run = 2;
    most.heard(anew, milliseconds(0));
    CHECK(most.differing().empty());

    Membership wrong({"c", {"a", "b", "c"}, milliseconds(1500)});
    wrong.applied(anotherLogOf("c", 4));
    wrong.heard(markOf("a", 4), milliseconds(0));
    CHECK_FALSE(wrong.differsFromMost());
    wrong.heard(markOf("b", 4), milliseconds(0));
    CHECK(wrong.differsFromMost());
    CHECK_FALSE(wrong.mayAsk(milliseconds(0)));
}

TEST_CASE("a node that counts for no majority does not make anything durable") {
    Membership membership({"a", {"a", "b", "c"}, milliseconds(1500)});
    membership.applied(markOf("a", 1));
    membership.heard(markOf("reader", 1), milliseconds(0));
    CHECK(membership.durable() == 0);
}

TEST_CASE("a node asks for the leadership only where a majority is there and none is further") {
    Membership membership({"a", {"a", "b", "c"}, milliseconds(1500)});
    membership.applied(markOf("a", 4));
    CHECK_FALSE(membership.mayAsk(milliseconds(0)));
    membership.heard(markOf("b", 3), milliseconds(0));
    CHECK(membership.mayAsk(milliseconds(0)));
    CHECK_FALSE(membership.mayAsk(milliseconds(2000)));
    membership.heard(markOf("c", 5), milliseconds(0));
    CHECK_FALSE(membership.mayAsk(milliseconds(0)));
}

TEST_CASE("marks and requests come back as they were, and other bytes are refused") {
    auto mark = markOf("b", 77);
    mark.leads = mark.elected = true;
    const auto again = decodeMark(encode(mark));
    REQUIRE(again.ok());
    CHECK(again->name == "b");
    CHECK(again->applied == mark.applied);
    CHECK(again->leads);
    CHECK(again->mayLead);
    const auto bytes = encode(mark);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        CHECK_FALSE(decodeMark(bytes.substr(0, length)).ok());
    }
    CHECK_FALSE(decodeMark(bytes + 'x').ok());
}
