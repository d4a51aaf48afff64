#include "domain/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

TEST_CASE("a message ends its author's typing first") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("anna"), "Anna"}).ok());
    REQUIRE(world.run(message("anna", UserRole::customer, "hello")).ok());
    REQUIRE(world.last == Types{EventType::typingStopped, EventType::messageSent});
    REQUIRE(world.state.typing.empty());
    REQUIRE(world.state.figures.messageCount == 1);
}

TEST_CASE("a command without its defaults is refused in any state") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    auto nameless = message("anna", UserRole::customer, "hello");
    nameless.from.reset();
    auto roleless = message("anna", UserRole::customer, "hello");
    roleless.fromRole.reset();
    for (const Command& command :
         {Command(LeaveRoom{conversation(), {}}), Command(nameless), Command(roleless)}) {
        const auto refused = decide(world.state, command);
        REQUIRE_FALSE(refused.ok());
        REQUIRE(refused.error().code == ErrorCode::missing_field);
    }
}

TEST_CASE("expectedSeq refuses once there is a later message that the sender may see") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    auto send = message("anna", UserRole::customer, "hello");
    send.expectedSeq = Seq{1};
    REQUIRE(world.run(send).ok());  // joins and starts are nobody's to expect
    DecideContext context;
    context.lastSeen = world.state.lastSeq;
    const auto refused = world.run(send, context);
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::conflict);
    send.expectedSeq = context.lastSeen;
    REQUIRE(world.run(send, context).ok());
}

TEST_CASE("expectedSeq beyond the last event of any kind is a conflict") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    auto send = message("anna", UserRole::customer, "hello");
    send.expectedSeq = Seq{world.state.lastSeq.value + 1};
    const auto refused = world.run(send);
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::conflict);
    send.expectedSeq = world.state.lastSeq;
    REQUIRE(world.run(send).ok());
}

TEST_CASE("staff share a robot's message as a visible copy; nobody else can") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(message("r2", UserRole::robot, "try again")).ok());
    const Event robots = world.lastEvent;
    REQUIRE(robots.visible == false);
    const DecideContext context{&robots};
    const auto refused =
        world.run(ShareRobotMessage{conversation(), robots.id, user("anna")}, context);
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::forbidden);
    REQUIRE(world.run(ShareRobotMessage{conversation(), robots.id, user("bob")}, context).ok());
    REQUIRE(world.lastEvent.type == EventType::messageShared);
    REQUIRE(world.lastEvent.visible == true);
    REQUIRE(world.lastEvent.content == "try again");
    REQUIRE(world.lastEvent.original == robots.id);
}

TEST_CASE("a message to an unknown conversation starts it and joins its author") {
    World world;
    REQUIRE(world.run(message("anna", UserRole::customer, "hello")).ok());
    CHECK(world.last == Types{EventType::conversationStarted, EventType::participantJoined,
                              EventType::messageSent});
    CHECK(world.state.find(user("anna"))->role == UserRole::customer);
    REQUIRE(world.run(message("anna", UserRole::customer, "again")).ok());
    CHECK(world.last == Types{EventType::messageSent});
}

TEST_CASE("messages count for staff, and for customers where every customer may see them") {
    World world;
    REQUIRE(world.run(message("bob", UserRole::agent, "shown")).ok());
    auto note = message("bob", UserRole::agent, "a note");
    note.isVisible = false;
    REQUIRE(world.run(note).ok());
    CHECK(world.state.figures.messageCount == 2);
    CHECK(world.state.figures.lastMessageSeq == Seq{4});
    CHECK(world.state.customerFigures.messageCount == 1);
    CHECK(world.state.customerFigures.lastMessageSeq == Seq{3});
}

TEST_CASE("a message that does not say whether it is visible is visible") {
    ConversationFigures all;
    ConversationFigures customers;
    Event event;
    event.type = EventType::messageSent;
    event.seq = {1};
    count(all, customers, event);
    CHECK(customers.messageCount == 1);
    CHECK(visible(event, Viewer::of(UserKey{8}, UserRole::customer)));
}

TEST_CASE("only staff and robots can hide a message from customers") {
    for (const auto role :
         {UserRole::customer, UserRole::agent, UserRole::supervisor, UserRole::robot}) {
        World world;
        auto hidden = message("x", role, "psst");
        hidden.isVisible = false;
        const auto decided = world.run(hidden);
        CHECK(decided.ok() == (role != UserRole::customer));
        if (!decided.ok()) CHECK(decided.error().code == ErrorCode::forbidden);
    }
}

TEST_CASE("only a robot's message can be shared, and only once") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.run(message("bob", UserRole::agent, "mine")).ok());
    const Event own = world.lastEvent;
    const ShareRobotMessage share{conversation(), own.id, user("bob")};
    const auto missing = world.run(share);
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().code == ErrorCode::message_not_found);
    DecideContext context;
    context.original = &own;
    const auto notRobots = world.run(share, context);
    REQUIRE_FALSE(notRobots.ok());
    CHECK(notRobots.error().code == ErrorCode::not_robot_message);

    REQUIRE(world.run(message("r2", UserRole::robot, "try again")).ok());
    const Event robots = world.lastEvent;
    context.original = &robots;
    REQUIRE(world.run(ShareRobotMessage{conversation(), robots.id, user("bob")}, context).ok());
    const Event shared = world.lastEvent;
    context.sharedBefore = &shared;
    const auto again =
        world.run(ShareRobotMessage{conversation(), robots.id, user("bob")}, context);
    REQUIRE(again.ok());
    CHECK(again->empty());
}
