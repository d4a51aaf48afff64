#include "support/engine_world.h"

#include <parley/core/limits.h>
#include <parley/domain/identify.h>

using namespace parley;
using namespace parley::test;

namespace {

constexpr PidHash kPid{1, 2, 3};
constexpr PidHash kFresh{9};

PrincipalPtr person(std::string_view id, UserRole role) {
    return std::make_shared<const Principal>(
        Principal{.kind = PrincipalKind::person, .user = user(id), .role = role});
}

const PrincipalPtr kAnn = person("ann", UserRole::customer);
const PrincipalPtr kBob = person("bob", UserRole::agent);

struct World : EngineWorld {
    // As the gateway submits it: with what the token says.
    Outcome asks(ConnectionId connection, Command command, const PrincipalPtr& principal) {
        REQUIRE(identify(command, *principal).ok());
        return ask(connection, std::move(command), principal);
    }
    Outcome joins(ConnectionId connection, const PrincipalPtr& principal,
                  std::string_view room_ = "c") {
        return asks(connection, JoinRoom{room(room_), principal->user, *principal->role},
                    principal);
    }
    Outcome says(ConnectionId connection, const PrincipalPtr& principal, std::string content,
                 std::optional<Seq> expected = {}) {
        auto send = namelessMessage("c", std::move(content));
        send.expectedSeq = expected;
        return asks(connection, std::move(send), principal);
    }
};

ErrorCode codeOf(const Outcome& outcome) {
    REQUIRE_FALSE(outcome.reply.ok());
    return outcome.reply.error().code;
}

bool resumes(World& world, ConnectionId connection, const PrincipalPtr& principal) {
    const auto outcome =
        world.ask(connection, ResumeSession{kPid, std::nullopt, kFresh}, principal);
    REQUIRE(outcome.reply.ok());
    return std::get<ResumeReply>(*outcome.reply).gap.has_value();
}

}  // namespace

TEST_CASE("a stranger who may not know a conversation gets the refusal for none") {
    World world;
    REQUIRE(world.joins({1}, kBob).reply.ok());
    const auto eve = person("eve", UserRole::customer);
    const auto refused = world.says({2}, eve, "hello");
    CHECK(codeOf(refused) == ErrorCode::conversation_not_found);
    CHECK(refused.reply.error().message == "there is no conversation \"c\"");
    CHECK(codeOf(world.says({2}, eve, "hello", Seq{1})) == ErrorCode::conversation_not_found);
    CHECK(codeOf(world.joins({2}, eve)) == ErrorCode::conversation_not_found);
}

TEST_CASE("bringing another user in does not subscribe the connection that asks") {
    World world;
    REQUIRE(world.joins({1}, kBob).reply.ok());
    const auto outcome =
        world.asks({1}, JoinRoom{room("c"), user("cara"), UserRole::customer}, kBob);
    REQUIRE(outcome.reply.ok());
    CHECK(std::holds_alternative<std::monostate>(outcome.subscription));
    CHECK(std::get<JoinReply>(*outcome.reply).participant.user == user("cara"));
    // The connection still speaks as the agent.
    const auto said = world.says({1}, kBob, "welcome");
    REQUIRE(said.reply.ok());
    CHECK(std::get<MessageReply>(*said.reply).message->actor == user("bob"));
}

TEST_CASE("a customer who leaves receives nothing more, on no connection and in no session") {
    World world;
    REQUIRE(world.joins({1}, kBob).reply.ok());
    REQUIRE(world.asks({1}, JoinRoom{room("c"), user("ann"), UserRole::customer}, kBob).reply.ok());
    REQUIRE(world.joins({2}, kAnn).reply.ok());
    REQUIRE(world.joins({3}, kAnn).reply.ok());
    const auto left = world.asks({2}, LeaveRoom{room("c"), {}}, kAnn);
    REQUIRE(left.reply.ok());
    REQUIRE(left.removal);
    CHECK(left.removal->connections == std::vector<ConnectionId>{{2}, {3}});
    CHECK(codeOf(world.asks({3}, LeaveRoom{room("c"), {}}, kAnn)) == ErrorCode::not_participant);
}

TEST_CASE("a customer who left is told of no conflict with what came later") {
    World world;
    REQUIRE(world.joins({1}, kBob).reply.ok());
    REQUIRE(world.asks({1}, JoinRoom{room("c"), user("ann"), UserRole::customer}, kBob).reply.ok());
    const auto first = world.says({1}, kBob, "shown");
    const Seq seen = std::get<MessageReply>(*first.reply).message->seq;
    REQUIRE(world.asks({}, LeaveRoom{room("c"), {}}, kAnn).reply.ok());
    REQUIRE(world.says({1}, kBob, "later").reply.ok());
    // What it had not seen when it left is still news.
    const auto conflict = world.says({}, kAnn, "back", Seq{seen.value - 1});
    CHECK(codeOf(conflict) == ErrorCode::conflict);
    const auto& unseen = unseenIn(conflict);
    REQUIRE(unseen.messages.size() == 1);
    CHECK(unseen.messages[0].content == "shown");
    CHECK(unseen.lastSeq == seen);
    // A number that no event has yet is told the right one.
    const auto tooHigh = world.says({}, kAnn, "back", Seq{1000});
    CHECK(codeOf(tooHigh) == ErrorCode::conflict);
    CHECK(unseenIn(tooHigh).lastSeq == seen);
    CHECK(unseenIn(tooHigh).messages.empty());
    // What was said since does not push out what a refusal can tell of.
    for (int i = 0; i < limits::kUnseenMessagesMax; ++i) {
        REQUIRE(world.says({1}, kBob, "later").reply.ok());
    }
    const auto late = world.says({}, kAnn, "back", Seq{seen.value - 1});
    REQUIRE(unseenIn(late).messages.size() == 1);
    CHECK(unseenIn(late).messages[0].content == "shown");
    CHECK_FALSE(unseenIn(late).more);
    CHECK(world.says({}, kAnn, "back", seen).reply.ok());
}

TEST_CASE("a pid resumes a session for its user and role only") {
    World world;
    world.submit({1}, OpenSession{kPid}, kBob);
    SECTION("that has subscribed to something") {
        REQUIRE(world.joins({1}, kBob).reply.ok());
        world.ask({1}, ConnectionClosed{}, kBob);
    }
    SECTION("that has not") {
        world.settle();
    }
    CHECK_FALSE(resumes(world, {2}, kAnn));
    CHECK_FALSE(resumes(world, {3}, person("bob", UserRole::supervisor)));
    CHECK_FALSE(resumes(world, {4}, nullptr));
    CHECK(resumes(world, {5}, person("bob", UserRole::agent)));
}

TEST_CASE("a session that began without authentication is not taken over with a token") {
    World world;
    world.submit({1}, OpenSession{kPid});
    REQUIRE(world.join({1}, "c", "bob", UserRole::agent).reply.ok());
    world.ask({1}, ConnectionClosed{});
    CHECK_FALSE(resumes(world, {2}, kBob));
    CHECK(resumes(world, {3}, nullptr));
}

TEST_CASE("a session is not resumed with a token that no longer reaches its rooms") {
    World world;
    world.submit({1}, OpenSession{kPid}, kBob);
    REQUIRE(world.joins({1}, kBob).reply.ok());
    world.ask({1}, ConnectionClosed{}, kBob);
    Principal bound = *kBob;
    bound.conversations = {room("other")};
    CHECK_FALSE(resumes(world, {2}, std::make_shared<const Principal>(bound)));
}

TEST_CASE("bringing in a participant changes neither its role nor whether it is hidden") {
    World world;
    REQUIRE(world.joins({1}, kBob).reply.ok());
    auto join = JoinRoom{room("c"), user("sue"), UserRole::supervisor};
    join.hidden = true;
    REQUIRE(world.asks({2}, join, person("sue", UserRole::supervisor)).reply.ok());
    const auto again = world.asks({1}, JoinRoom{room("c"), user("sue"), UserRole::customer}, kBob);
    REQUIRE(again.reply.ok());
    CHECK(again.updates.empty());
    const auto& sue = std::get<JoinReply>(*again.reply).participant;
    CHECK(sue.role == UserRole::supervisor);
    CHECK(sue.hidden);
}

TEST_CASE("a conversation that the server names is the sender's own") {
    World world;
    auto join = JoinRoom{room("new"), user("victim"), UserRole::supervisor};
    join.idIsNew = true;
    CHECK(codeOf(world.asks({1}, join, kAnn)) == ErrorCode::conversation_not_found);
    Principal bound = *kBob;
    bound.conversations = {room("other")};
    join.user = user("bob");
    join.role = UserRole::agent;
    CHECK(codeOf(world.asks({1}, join, std::make_shared<const Principal>(bound))) ==
          ErrorCode::forbidden);
}

TEST_CASE("a user who leaves in one role is not left subscribed in another") {
    World world;
    REQUIRE(world.joins({1}, kBob).reply.ok());
    REQUIRE(world.joins({2}, person("bob", UserRole::customer)).reply.ok());
    const auto left = world.asks({3}, LeaveRoom{room("c"), {}}, kBob);
    REQUIRE(left.reply.ok());
    REQUIRE(left.removal);
    CHECK(left.removal->connections == std::vector<ConnectionId>{{1}, {2}});
}
