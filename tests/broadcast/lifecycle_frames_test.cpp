#include "broadcast/told.h"

using namespace parley;
using namespace parley::test;

TEST_CASE("the start of a conversation is told to dashboards alone, with its first participants") {
    ConversationState state;
    state.id = conversation();
    state.key = {11};
    state.lastSeq = {2};
    state.createdAt = kAt;
    state.figures.lastMessageAt = kAt;
    state.figures.updatedAt = kAt;
    state.participants.add(participant("alice", UserRole::customer));
    state.participants.add(participant("bot", UserRole::robot));
    const auto frames = told(ConversationStarted{
        .event = event({1}, "alice"), .last = event({2}, "bot"), .conversation = state});
    REQUIRE(frames.size() == 1);
    CHECK(isForDashboards(frames[0]));
    CHECK(
        textOf(frames[0]) ==
        R"(42["conversation_created",{"conversation":{"id":"c1","participantIds":["alice","bot"],)"
        R"("participantRoles":["cx-customer","robot"],"messageCount":0,)"
        R"("lastMessageAt":"2026-01-31T08:15:30.042Z","isActive":true,)"
        R"("createdAt":"2026-01-31T08:15:30.042Z","updatedAt":"2026-01-31T08:15:30.042Z"},)"
        R"("createdBy":"alice","initialParticipants":[{"userId":"alice",)"
        R"("userRole":"cx-customer","joinedAt":"2026-01-31T08:15:30.042Z"},{"userId":"bot",)"
        R"("userRole":"robot","joinedAt":"2026-01-31T08:15:30.042Z"}],)"
        R"("timestamp":"2026-01-31T08:15:30.042Z"}])");
    // Nothing else is told of these events, so that the cursor is the room's.
    CHECK(cursorOf(frames[0]) == R"(,"2:AAAAAAAA"])");
}
