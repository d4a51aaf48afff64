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
