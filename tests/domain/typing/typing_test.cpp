#include "domain/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

TEST_CASE("ending the typing of a user who does not type stores no event") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(EndTyping{conversation(), user("anna"), cause::kTimeout}).ok());
    REQUIRE(world.last.empty());
}

TEST_CASE("only participants can type or leave") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    for (const Command& command : {Command(StartTyping{conversation(), user("eve"), "Eve"}),
                                   Command(StopTyping{conversation(), user("eve")}),
                                   Command(LeaveRoom{conversation(), user("eve")})}) {
        const auto refused = world.run(command);
        REQUIRE_FALSE(refused.ok());
        REQUIRE(refused.error().code == ErrorCode::not_participant);
    }
}

TEST_CASE("each request to type or to stop is one event, with the name that others are shown") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("anna"), "An \"A\""}).ok());
    CHECK(world.last == Types{EventType::typingStarted});
    CHECK(world.lastEvent.data == R"({"userName":"An \"A\""})");
    REQUIRE(world.run(StopTyping{conversation(), user("anna")}).ok());
    CHECK(world.last == Types{EventType::typingStopped});
    CHECK(userNameOf(world.lastEvent) == "An \"A\"");
    CHECK(world.lastEvent.cause.empty());
    REQUIRE(world.run(StopTyping{conversation(), user("anna")}).ok());
    CHECK(userNameOf(world.lastEvent).empty());
}

TEST_CASE("the end that the server gives typing says why") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("anna"), "Anna"}).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("anna"), "Anna B"}).ok());
    REQUIRE(world.state.typing.size() == 1);
    REQUIRE(world.run(EndTyping{conversation(), user("anna"), cause::kTimeout}).ok());
    CHECK(world.last == Types{EventType::typingStopped});
    CHECK(world.lastEvent.cause == cause::kTimeout);
    CHECK(userNameOf(world.lastEvent) == "Anna B");
    CHECK(world.state.typing.empty());
}

TEST_CASE("typing whose data retention has emptied has no name") {
    Event typing;
    for (const char* data : {"", "{}", "[]", R"({"userName":7})", "not JSON"}) {
        typing.data = data;
        CHECK(userNameOf(typing).empty());
    }
}
