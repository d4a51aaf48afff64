#include <parley/engine/engine.h>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <unistd.h>

using namespace parley;

namespace {

/// A data folder that goes with its test.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "parley-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Remembers the answers in the order in which they became durable.
class Answers final : public OutcomeSink {
public:
    void publish(BatchOutcome batch) override {
        const std::lock_guard lock(mutex_);
        for (const auto& outcome : batch.outcomes) seen_.push_back(outcome.origin.answer);
        changed_.notify_all();
    }
    std::vector<std::uint64_t> waitFor(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::minutes(1), [&] { return seen_.size() >= count; });
        return seen_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::uint64_t> seen_;
};

Request message(std::uint64_t number) {
    Origin origin;
    origin.answer = number;
    SendMessage send{ConversationId::fromStored("c"),
                     UserId::fromStored("u"),
                     UserRole::agent,
                     "text",
                     MessageType::text,
                     {},
                     {},
                     {},
                     {}};
    return {origin, Command(std::move(send))};
}

}  // namespace

TEST_CASE("requests that are handed over together are carried out in their order") {
    const Folder folder;
    const SystemClock clock;
    SystemRandom random;
    Answers answers;
    EngineOptions options;
    options.dataFolder = folder.path();
    auto engine = std::move(Engine::open(options, clock, random, answers)).value();

    std::vector<Request> requests;
    for (std::uint64_t i = 1; i <= 100; ++i) requests.push_back(message(i));
    engine->submit(requests, [](const Request&, const Error& error) { FAIL(error.message); });
    CHECK(requests.empty());

    const auto seen = answers.waitFor(100);
    REQUIRE(seen.size() == 100);
    for (std::uint64_t i = 1; i <= 100; ++i) CHECK(seen[i - 1] == i);
}

TEST_CASE("of requests handed over together, each that is refused is told of") {
    const Folder folder;
    const SystemClock clock;
    SystemRandom random;
    Answers answers;
    EngineOptions options;
    options.dataFolder = folder.path();
    auto engine = std::move(Engine::open(options, clock, random, answers)).value();
    engine->stop();

    std::vector<Request> requests{message(1), message(2)};
    std::vector<std::uint64_t> refused;
    engine->submit(requests, [&](const Request& request, const Error& error) {
        CHECK(error.code == ErrorCode::shutting_down);
        refused.push_back(request.origin.answer);
    });
    CHECK(refused == std::vector<std::uint64_t>{1, 2});
    CHECK(requests.empty());
}

TEST_CASE("what a refusal gives rise to waits for the next time requests are handed over") {
    const Folder folder;
    const SystemClock clock;
    SystemRandom random;
    Answers answers;
    EngineOptions options;
    options.dataFolder = folder.path();
    auto engine = std::move(Engine::open(options, clock, random, answers)).value();
    engine->stop();

    std::vector<Request> requests;
    for (std::uint64_t i = 1; i <= 3; ++i) requests.push_back(message(i));
    std::vector<std::uint64_t> refused;
    // A client that cannot take its refusal is ended, and that is one more request.
    engine->submit(requests, [&](const Request& request, const Error&) {
        const auto number = request.origin.answer;
        refused.push_back(number);
        for (std::uint64_t i = 0; i < 100; ++i) requests.push_back(message(100 * number + i));
    });
    CHECK(refused == std::vector<std::uint64_t>{1, 2, 3});
    REQUIRE(requests.size() == 300);
    CHECK(requests.front().origin.answer == 100);
    CHECK(requests.back().origin.answer == 399);
}
