#include <parley/domain/upkeep/upkeep.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("what retention did is an event of the system, which no client can name") {
    const Event event = retentionApplied({.keep = std::chrono::hours(1),
                                          .before = {1'700'000'000'000},
                                          .after = {3},
                                          .through = {9},
                                          .emptied = 4});
    CHECK(event.type == EventType::retentionApplied);
    CHECK(event.data ==
          R"({"setting":"retention.typing","retentionMs":3600000,)"
          R"("before":"2023-11-14T22:13:20.000Z","after":3,"through":9,"emptied":4})");
    CHECK_FALSE(ConversationId::parse(event.conversation.str(), "conversationId").ok());
    CHECK_FALSE(UserId::parse(event.actor.str(), "userId").ok());
}

TEST_CASE("a question is an event of the system that says what, with which filters and by whom") {
    const Event event = auditRead({.what = "as_of",
                                   .filters = R"({"conversationId":"c1","asOf":"12"})",
                                   .by = R"({"kind":"auditor","userId":"ada"})"});
    CHECK(event.type == EventType::auditRead);
    CHECK(event.data == R"({"what":"as_of","filters":{"conversationId":"c1","asOf":"12"},)"
                        R"("by":{"kind":"auditor","userId":"ada"}})");
    CHECK(event.conversation.str() == system_id::kConversation);
    CHECK(event.actor.str() == system_id::kActor);
    CHECK_FALSE(event.content);
}
