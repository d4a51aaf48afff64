#include "broadcast/told.h"

using namespace parley;
using namespace parley::test;

namespace {

TypingChanged typing(bool isTyping) {
    return {.conversation = conversation(),
            .conversationKey = {11},
            .user = user("alice"),
            .userName = "Alice \\ A",
            .isTyping = isTyping};
}

}  // namespace

TEST_CASE("typing is told to the room alone, without the connection that typed") {
    const auto frames = told(typing(true));
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].room == ConversationKey{11});
    CHECK(frames[0].except == kSender);
    CHECK(textOf(frames[0]) == R"(42["user_typing",{"conversationId":"c1","userId":"alice",)"
                               R"("userName":"Alice \\ A","isTyping":true}])");
    CHECK(textOf(told(typing(false))[0]).ends_with(R"("isTyping":false}])"));
}

TEST_CASE("typing that another connection's request ends is not told to the one that typed") {
    TypingChanged ended = typing(false);
    ended.typedOn = ConnectionId{9};
    CHECK(told(ended)[0].except == ConnectionId{9});
}

TEST_CASE("a slow client may miss typing, and no cursor counts it") {
    const auto frames = told(typing(true));
    CHECK(frames[0].frame->droppable());
    CHECK(cursorOf(frames[0]).empty());
}
