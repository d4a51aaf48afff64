#include "domain/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

namespace {

JoinRoom join(const char* who, UserRole role, bool hidden) {
    return {.conversation = conversation(), .user = user(who), .role = role, .hidden = hidden};
}

}  // namespace

TEST_CASE("staff and robots join without customers being told, and leave so") {
    World world;
    REQUIRE(world.run(join("anna", UserRole::customer, false)).ok());
    const auto customers = world.state.customerFigures;
    for (const auto role : {UserRole::agent, UserRole::supervisor, UserRole::robot}) {
        REQUIRE(world.run(join("bob", role, true)).ok());
        CHECK(world.lastEvent.visible == false);
        const auto* bob = world.state.find(user("bob"));
        REQUIRE(bob);
        CHECK(bob->hidden);
        CHECK_FALSE(sees(Viewer::of(UserKey{1}, UserRole::customer), *bob));
        CHECK(sees(Viewer::of(UserKey{1}, UserRole::agent), *bob));
        REQUIRE(world.run(LeaveRoom{conversation(), user("bob")}).ok());
        CHECK(world.lastEvent.visible == false);
    }
    CHECK(world.state.customerFigures == customers);
}

TEST_CASE("a customer cannot hide") {
    World world;
    const auto refused = world.run(join("anna", UserRole::customer, true));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::forbidden);
}

TEST_CASE("a participant who is shown stays shown, and one who is hidden can be shown") {
    World world;
    REQUIRE(world.run(join("bob", UserRole::agent, false)).ok());
    REQUIRE(world.run(join("bob", UserRole::agent, true)).ok());
    CHECK(world.last.empty());
    CHECK_FALSE(world.state.find(user("bob"))->hidden);
    REQUIRE(world.run(join("sue", UserRole::supervisor, true)).ok());
    REQUIRE(world.run(join("sue", UserRole::supervisor, true)).ok());
    CHECK(world.last.empty());
    REQUIRE(world.run(join("sue", UserRole::supervisor, false)).ok());
    CHECK(world.last == Types{EventType::participantJoined});
    CHECK_FALSE(world.lastEvent.visible);
    CHECK_FALSE(world.state.find(user("sue"))->hidden);
}

TEST_CASE("typing of a hidden participant is hidden") {
    World world;
    REQUIRE(world.run(join("bob", UserRole::agent, true)).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("bob"), "Bob"}).ok());
    CHECK(world.lastEvent.visible == false);
    REQUIRE(world.run(StopTyping{conversation(), user("bob")}).ok());
    CHECK(world.lastEvent.visible == false);
}
