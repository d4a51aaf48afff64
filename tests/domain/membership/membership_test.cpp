#include "domain/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

TEST_CASE("the first join starts the conversation, the second only joins") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.last == Types{EventType::conversationStarted, EventType::participantJoined});
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.last == Types{EventType::participantJoined});
}

TEST_CASE("joining again changes nothing, joining in another role is an event") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.last.empty());
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::supervisor}).ok());
    REQUIRE(world.last == Types{EventType::participantJoined});
    REQUIRE(world.state.participants.size() == 1);
    REQUIRE(world.state.participants.begin()->role == UserRole::supervisor);
}

TEST_CASE("only a participant can be removed, and the event names the user who did it") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("anna"), "Anna"}).ok());
    const auto refused = decide(world.state, RemoveParticipant{conversation(), user("eve"), {}});
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::not_participant);

    const auto removal = RemoveParticipant{conversation(), user("anna"), user("bob \"b\"")};
    const auto events = decide(world.state, removal);
    REQUIRE(events.ok());
    REQUIRE(events->size() == 2);
    REQUIRE(events->front().type == EventType::typingStopped);
    const Event& left = events->back();
    REQUIRE(left.type == EventType::participantLeft);
    REQUIRE(left.actor == user("anna"));
    REQUIRE(left.role == UserRole::customer);
    REQUIRE(left.version == 2);
    REQUIRE(left.cause == cause::kRemoved);
    REQUIRE(left.data == R"({"by":"bob \"b\""})");

    const auto byNobody = decide(world.state, RemoveParticipant{conversation(), user("anna"), {}});
    REQUIRE(byNobody->back().data == "{}");
    REQUIRE(byNobody->back().cause == cause::kRemoved);
}

TEST_CASE(
    "a subscribed connection can leave for a user who is not a participant, and no event is "
    "stored") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    DecideContext context;
    context.subscribed = true;
    const auto events = decide(world.state, LeaveRoom{conversation(), user("eve")}, context);
    REQUIRE(events.ok());
    REQUIRE(events->empty());
}

TEST_CASE("a join beyond the limit is refused, and participants stay") {
    World world;
    DecideContext context;
    context.participantsMax = 1;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}, context).ok());
    const auto refused = world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}, context);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::limit_reached);
    CHECK(world.run(JoinRoom{conversation(), user("anna"), UserRole::agent}, context).ok());
}

TEST_CASE("a deceptive id cannot join, unless the conversation knows it already") {
    World world;
    const auto deceptive = user("bob\xE2\x80\xAE");
    const auto refused = world.run(JoinRoom{conversation(), deceptive, UserRole::agent});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::invalid_id);
    world.state.lastSeq = {1};
    world.state.participants.add({deceptive, {1}, UserRole::agent, {}});
    CHECK(world.run(JoinRoom{conversation(), deceptive, UserRole::supervisor}).ok());
}

TEST_CASE("a stay continues with another role, and a new one begins after a leave") {
    FoldableEvent join;
    join.type = EventType::participantJoined;
    join.role = UserRole::customer;
    join.at = {10};
    join.position = {1};
    const Stay begun = afterJoin(std::nullopt, join);
    CHECK(begun.role == UserRole::customer);
    CHECK(begun.joinedAt == UnixMillis{10});
    CHECK(begun.joinedPosition == Position{1});

    join.role = UserRole::agent;
    join.at = {20};
    join.position = {2};
    const Stay goesOn = afterJoin(begun, join);
    CHECK(goesOn.role == UserRole::agent);
    CHECK(goesOn.joinedAt == UnixMillis{10});
    CHECK(goesOn.joinedPosition == Position{1});

    join.role.reset();
    const Stay anew = afterJoin(std::nullopt, join);
    CHECK(anew.role == UserRole::customer);
    CHECK(anew.joinedAt == UnixMillis{20});
}

TEST_CASE("joins and leaves fold into participants, typing and times") {
    ConversationState state;
    Event event;
    event.type = EventType::participantJoined;
    event.actor = user("anna");
    event.actorKey = {3};
    event.role = UserRole::agent;
    event.seq = {2};
    event.at = {50};
    evolve(state, event);
    REQUIRE(state.find(user("anna")));
    CHECK(state.find(user("anna"))->userKey == UserKey{3});
    CHECK(state.figures.updatedAt == UnixMillis{50});
    CHECK(state.customerFigures.updatedAt == UnixMillis{50});
    CHECK(state.figures.messageCount == 0);

    state.typing.add({user("anna"), "Anna"});
    event.type = EventType::participantLeft;
    event.seq = {3};
    event.at = {60};
    evolve(state, event);
    CHECK(state.participants.empty());
    CHECK(state.typing.empty());
    CHECK(state.lastSeq == Seq{3});
    CHECK(state.figures.updatedAt == UnixMillis{60});
}
