// What happens at the writer's limits: docs/limits.md.
#include "engine/running_engine.h"
#include "support/temp_folder.h"

#include <parley/core/limits.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <map>
#include <mutex>

using namespace parley;

namespace {

/// The sizes of the batches, and the answers in the order in which they became durable.
class Batches final : public OutcomeSink {
public:
    void publish(BatchOutcome batch) override {
        const std::lock_guard lock(mutex_);
        if (!batch.outcomes.empty()) sizes_.push_back(batch.outcomes.size());
        for (const auto& outcome : batch.outcomes) {
            answers_.push_back(outcome.origin.replyTo.as<std::uint64_t>());
            refused_ += outcome.reply.ok() ? 0U : 1U;
        }
        changed_.notify_all();
    }
    bool waitFor(std::size_t answers) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::minutes(1),
                                 [&] { return answers_.size() >= answers; });
    }
    // Read once nothing is under way.
    const std::vector<std::size_t>& sizes() const { return sizes_; }
    const std::vector<std::uint64_t>& answers() const { return answers_; }
    std::size_t refused() const { return refused_; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::size_t> sizes_;
    std::vector<std::uint64_t> answers_;
    std::size_t refused_ = 0;
};

Request message(std::uint64_t number) {
    Origin origin;
    origin.replyTo = ReplyTo(number);
    return {origin, Command(SendMessage{ConversationId::fromStored("c"),
                                        UserId::fromStored("u"),
                                        UserRole::agent,
                                        std::to_string(number),
                                        MessageType::text,
                                        {},
                                        {},
                                        {},
                                        {}})};
}

std::int64_t count(Database& db, const std::string& query) {
    return db.sqlite().execAndGet("SELECT count(*) FROM " + query).getInt64();
}

}  // namespace

TEST_CASE("more conversations than the writer keeps in memory are the same to everybody") {
    TempFolder folder;
    const SystemClock clock;
    EngineOptions options;
    options.conversationsLoadedMax = 8;
    RunningEngine running(folder.path(), clock, options);
    constexpr int kConversations = 40;
    constexpr int kRounds = 5;
    const auto name = [](int i) { return "c" + std::to_string(i); };
    for (int i = 0; i < kConversations; ++i) running.join(name(i), "anna");
    running.settle();
    // In turn, so that each is the one that was dropped longest ago; settled, so that it is gone.
    for (int round = 0; round < kRounds; ++round) {
        for (int i = 0; i < kConversations; ++i) {
            running.say(name(i), round % 2 == 0 ? "anna" : "ben", "round " + std::to_string(round));
            if (i % 4 == 3) running.settle();
        }
        CHECK(eventually([&] {
            return running.engine().counters().conversationsLoaded ==
                   options.conversationsLoadedMax;
        }));
    }

    auto db = Database::openReader(running.database()).value();
    CHECK(count(*db, "v1_event WHERE type = 'conversation_started'") == kConversations);
    // Who had joined is known again: nobody joins twice.
    CHECK(count(*db, "v1_event WHERE type = 'participant_joined'") == 2 * kConversations);
    CHECK(count(*db, "v1_event WHERE type = 'message_sent'") == kRounds * kConversations);
    CHECK(count(*db, "v1_conversation WHERE message_count = " + std::to_string(kRounds)) ==
          kConversations);
    CHECK(verifyLog(*db)->good);  // seqs are dense
    CHECK(checkViews(*db)->differences.empty());
}

TEST_CASE("somebody who types keeps a conversation in memory beyond the limit, until it ends") {
    TempFolder folder;
    const SystemClock clock;
    EngineOptions options;
    options.conversationsLoadedMax = 4;
    options.typingTimeout = std::chrono::hours(1);
    RunningEngine running(folder.path(), clock, options);
    const auto name = [](int i) { return "c" + std::to_string(i); };
    for (int i = 0; i < 10; ++i) {
        running.join(name(i), "anna");
        running.type(name(i), "anna", "Anna");
        running.settle();
    }
    CHECK(eventually([&] { return running.engine().counters().conversationsLoaded == 10; }));
    for (int i = 0; i < 10; ++i) running.stopTyping(name(i), "anna");
    running.settle();
    CHECK(eventually([&] { return running.engine().counters().conversationsLoaded == 4; }));
    auto db = Database::openReader(running.database()).value();
    CHECK(count(*db, "v1_event WHERE type = 'typing_stopped'") == 10);
}

TEST_CASE("more requests than one transaction takes go into the next ones, in their order") {
    TempFolder folder;
    const SystemClock clock;
    SystemRandom random;
    Batches batches;
    EngineOptions options;
    options.dataFolder = folder.path();
    auto engine = std::move(Engine::open(options, clock, random, batches)).value();
    constexpr std::uint64_t kRequests = 2 * limits::kBatchCommandsMax + 100;
    std::vector<Request> requests;
    for (std::uint64_t i = 1; i <= kRequests; ++i) requests.push_back(message(i));
    engine->submit(requests, [](const Request&, const Error& error) { FAIL(error.message); });
    REQUIRE(batches.waitFor(kRequests));
    engine->stop();

    CHECK(batches.sizes() ==
          std::vector<std::size_t>{limits::kBatchCommandsMax, limits::kBatchCommandsMax, 100});
    CHECK(batches.refused() == 0);
    std::vector<std::uint64_t> expected(kRequests);
    for (std::uint64_t i = 0; i < kRequests; ++i) expected[i] = i + 1;
    CHECK(batches.answers() == expected);
    auto db = Database::openReader(DataFolder::databaseIn(folder.path())).value();
    CHECK(count(*db, "v1_message") == static_cast<std::int64_t>(kRequests));
    CHECK(verifyLog(*db)->good);
}
