#include "domain/world.h"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

TEST_CASE("a conversation starts once, with the named participants") {
    World world;
    const StartConversation start{
        .conversation = conversation(),
        .createdBy = user("bob"),
        .createdByRole = UserRole::agent,
        .title = "A \"title\"",
        .description = {},
        .initialParticipants = {{user("anna"), UserRole::customer}, {user("r2"), UserRole::robot}}};
    const auto events = world.run(start);
    REQUIRE(events.ok());
    CHECK(world.last == Types{EventType::conversationStarted, EventType::participantJoined,
                              EventType::participantJoined});
    CHECK(events->front().content == R"({"title":"A \"title\""})");
    CHECK_FALSE(belongsToStart(events->front()));
    CHECK(belongsToStart(events->back()));
    CHECK(world.state.find(user("bob")) == nullptr);  // starting is not joining
    CHECK(world.state.participants.size() == 2);

    const auto again = world.run(start);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().code == ErrorCode::conversation_exists);
}

TEST_CASE("a conversation cannot start with more participants than it may have") {
    World world;
    DecideContext context;
    context.participantsMax = 1;
    const auto refused =
        world.run(StartConversation{.conversation = conversation(),
                                    .createdBy = user("bob"),
                                    .createdByRole = UserRole::agent,
                                    .title = {},
                                    .description = {},
                                    .initialParticipants = {{user("anna"), UserRole::customer},
                                                            {user("bob"), UserRole::agent}}},
                  context);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::limit_reached);
    CHECK_FALSE(world.state.started());
}

TEST_CASE("a start sets the times of a conversation without messages") {
    ConversationState state;
    Event start;
    start.type = EventType::conversationStarted;
    start.conversation = conversation();
    start.conversationKey = {4};
    start.seq = {1};
    start.at = {70};
    evolve(state, start);
    CHECK(state.started());
    CHECK(state.id == conversation());
    CHECK(state.key == ConversationKey{4});
    CHECK(state.createdAt == UnixMillis{70});
    for (const auto& figures : {state.figures, state.customerFigures}) {
        CHECK((figures == ConversationFigures{0, {}, {70}, {70}}));
    }
}
