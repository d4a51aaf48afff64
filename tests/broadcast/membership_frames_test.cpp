#include "broadcast/told.h"

using namespace parley;
using namespace parley::test;

namespace {

const std::string kParticipant =
    R"({"userId":"alice","userRole":"cx-agent","joinedAt":"2026-01-31T08:15:30.042Z"})";

template <typename Update>
Update changed() {
    return {.event = event({42}, "alice"), .participant = participant("alice", UserRole::agent)};
}

}  // namespace

TEST_CASE("a join is told to dashboards, then to the room without the connection that joined") {
    const auto frames = told(changed<ParticipantAdded>());
    REQUIRE(frames.size() == 2);
    CHECK(isForDashboards(frames[0]));
    CHECK(textOf(frames[0]) ==
          R"(42["conversation_participant_added",{"conversationId":"c1","participant":)" +
              kParticipant + R"(,"action":"added","timestamp":"2026-01-31T08:15:30.042Z"}])");
    CHECK(cursorOf(frames[0]) == R"(,"41.5:AAAAAAAA"])");
    CHECK(frames[1].room == ConversationKey{11});
    CHECK(frames[1].except == kSender);
    CHECK(textOf(frames[1]) ==
          R"(42["user_joined",{"conversationId":"c1","participant":)" + kParticipant + "}]");
    CHECK(cursorOf(frames[1]) == R"(,"42:AAAAAAAA"])");
}

TEST_CASE("a join from one more connection is told to the room alone and without a cursor") {
    const auto frames =
        told(ParticipantReturned{.conversation = conversation(),
                                 .conversationKey = {11},
                                 .participant = participant("alice", UserRole::agent)});
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].room == ConversationKey{11});
    CHECK(frames[0].except == kSender);
    CHECK(textOf(frames[0]) ==
          R"(42["user_joined",{"conversationId":"c1","participant":)" + kParticipant + "}]");
    CHECK(cursorOf(frames[0]).empty());
}

TEST_CASE("a leave is told to dashboards, then to the room without the connection that asked") {
    const auto frames = told(changed<ParticipantRemoved>());
    REQUIRE(frames.size() == 2);
    CHECK(isForDashboards(frames[0]));
    CHECK(textOf(frames[0]) ==
          R"(42["conversation_participant_removed",{"conversationId":"c1","participant":)" +
              kParticipant + R"(,"action":"removed","timestamp":"2026-01-31T08:15:30.042Z"}])");
    CHECK(frames[1].room == ConversationKey{11});
    CHECK(frames[1].except == kSender);
    CHECK(textOf(frames[1]) == R"(42["user_left",{"conversationId":"c1","userId":"alice"}])");
    CHECK(cursorOf(frames[1]) == R"(,"42:AAAAAAAA"])");
}
