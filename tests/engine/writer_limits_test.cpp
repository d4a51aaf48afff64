// What happens at the writer's limits: docs/limits.md.
#include "support/engine_world.h"

#include <parley/core/limits.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

namespace {

std::int64_t count(Database& db, const std::string& query) {
    return db.sqlite().execAndGet("SELECT count(*) FROM " + query).getInt64();
}

}  // namespace

TEST_CASE("more conversations than the writer keeps in memory behave like any others") {
    EngineOptions options;
    options.conversationsLoadedMax = 8;
    EngineWorld running(options);
    constexpr int kConversations = 40;
    constexpr int kRounds = 5;
    const auto name = [](int i) { return "c" + std::to_string(i); };
    for (int i = 0; i < kConversations; ++i) running.join(name(i), "anna");
    running.settleWell();
    // In turn, so that each was dropped before it is used again; settled, so that it really was.
    for (int round = 0; round < kRounds; ++round) {
        for (int i = 0; i < kConversations; ++i) {
            running.say(name(i), round % 2 == 0 ? "anna" : "ben", "round " + std::to_string(round));
            if (i % 4 == 3) running.settleWell();
        }
        CHECK(running.counters().conversationsLoaded == options.conversationsLoadedMax);
    }

    auto db = Database::openReader(running.database()).value();
    CHECK(count(*db, "v1_event WHERE type = 'conversation_started'") == kConversations);
    // The participants are known again: no user joins twice.
    CHECK(count(*db, "v1_event WHERE type = 'participant_joined'") == 2 * kConversations);
    CHECK(count(*db, "v1_event WHERE type = 'message_sent'") == kRounds * kConversations);
    CHECK(count(*db, "v1_conversation WHERE message_count = " + std::to_string(kRounds)) ==
          kConversations);
    CHECK(verifyLog(*db)->good);  // seqs are dense
    CHECK(checkViews(*db)->differences.empty());
}

TEST_CASE("a conversation with a typing user stays in memory beyond the limit, until typing ends") {
    EngineOptions options;
    options.conversationsLoadedMax = 4;
    options.typingTimeout = std::chrono::hours(1);
    EngineWorld running(options);
    const auto name = [](int i) { return "c" + std::to_string(i); };
    for (int i = 0; i < 10; ++i) {
        running.join(name(i), "anna");
        running.type(name(i), "anna", "Anna");
        running.settleWell();
    }
    CHECK(running.counters().conversationsLoaded == 10);
    for (int i = 0; i < 10; ++i) running.stopTyping(name(i), "anna");
    running.settleWell();
    CHECK(running.counters().conversationsLoaded == 4);
    auto db = Database::openReader(running.database()).value();
    CHECK(count(*db, "v1_event WHERE type = 'typing_stopped'") == 10);
}

TEST_CASE("requests that do not fit into one transaction go into the next ones, in their order") {
    EngineWorld world;
    constexpr std::uint64_t kRequests = 2 * limits::kBatchCommandsMax + 100;
    std::vector<Request> requests;
    for (std::uint64_t i = 1; i <= kRequests; ++i) {
        Origin origin;
        origin.replyTo = ReplyTo(i);
        requests.push_back(
            {origin, Command(message("c", "u", UserRole::agent, std::to_string(i)))});
    }
    world.engine().submit(requests,
                          [](const Request&, const Error& error) { FAIL(error.message); });
    world.settleWell();

    CHECK(world.sink().sizes() ==
          std::vector<std::size_t>{limits::kBatchCommandsMax, limits::kBatchCommandsMax, 100});
    std::vector<std::uint64_t> answers;
    for (const auto& outcome : world.sink().outcomes()) {
        answers.push_back(outcome.origin.replyTo.as<std::uint64_t>());
    }
    std::vector<std::uint64_t> expected(kRequests);
    for (std::uint64_t i = 0; i < kRequests; ++i) expected[i] = i + 1;
    CHECK(answers == expected);
    auto db = Database::openReader(world.database()).value();
    CHECK(count(*db, "v1_message") == static_cast<std::int64_t>(kRequests));
    CHECK(verifyLog(*db)->good);
}

TEST_CASE("a full queue takes only requests that free something, and counts all text that waits") {
    EngineOptions options;
    options.queueBytesMax = 20'000;
    EngineWorld world(options);
    world.join({1}, "a", "ann", UserRole::agent);
    const auto submit = [&](Work work) {
        Origin origin;
        origin.connection = {1};
        return world.engine().submit({origin, std::move(work)});
    };
    StartConversation start{.conversation = room("b"),
                            .createdBy = user("ann"),
                            .createdByRole = UserRole::agent,
                            .title = "t",
                            .description = std::string(16 * 1024, 'd'),
                            .initialParticipants = {}};
    REQUIRE(submit(Command(start)).ok());
    start.conversation = room("c");
    const auto refused = submit(Command(start));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::busy);
    CHECK(world.counters().requestsBusy == 1);
    CHECK(world.counters().queueBytes == 16 * 1024 + 5);
    REQUIRE(submit(Command(message("a", "ann", UserRole::agent, std::string(3000, 'x')))).ok());
    CHECK_FALSE(submit(Command(message("a", "ann", UserRole::agent, std::string(3000, 'x')))).ok());
    CHECK(submit(OpenSession{}).ok());
    CHECK(submit(ConnectionClosed{}).ok());
    world.step();
    CHECK(world.counters().queueBytes == 0);
    CHECK(submit(Command(start)).ok());
}
