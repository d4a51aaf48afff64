#pragma once

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/engine/engine.h>
#include <parley/log/data_folder.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

/// Clocks that a test moves while the engine's threads read them.
class SharedClock final : public parley::Clock {
public:
    parley::UnixMillis now() const override { return {now_.load()}; }
    std::chrono::milliseconds monotonic() const override {
        return std::chrono::milliseconds(now_.load());
    }
    void advance(std::chrono::milliseconds by) { now_ += by.count(); }

private:
    std::atomic<std::int64_t> now_{1'700'000'000'000};
};

/// Counts the answers that the writer gives.
class CountingSink final : public parley::OutcomeSink {
public:
    void publish(parley::BatchOutcome batch) override {
        std::lock_guard lock(mutex_);
        for (const auto& outcome : batch.outcomes) {
            ++answers_;
            if (!outcome.reply.ok()) lastRefusal_ = outcome.reply.error().message;
        }
        changed_.notify_all();
    }
    /// Waits for the `count`th answer since the start; false: it did not come in good time.
    bool waitFor(std::uint64_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return answers_ >= count; });
    }
    std::string lastRefusal() {
        std::lock_guard lock(mutex_);
        return lastRefusal_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t answers_ = 0;
    std::string lastRefusal_;
};

/// An engine on a real data folder, with a few words to make it write.
class RunningEngine {
public:
    RunningEngine(const std::filesystem::path& folder, const parley::Clock& clock,
                  parley::EngineOptions options = {})
        : folder_(folder), random_(7) {
        options.dataFolder = folder;
        auto engine = parley::Engine::open(options, clock, random_, sink_);
        REQUIRE(engine.ok());
        engine_ = std::move(*engine);
    }

    parley::Engine& engine() { return *engine_; }
    std::filesystem::path database() const { return parley::DataFolder::databaseIn(folder_); }

    void join(const std::string& conversation, const std::string& user) {
        parley::JoinRoom join{parley::ConversationId::fromStored(conversation),
                              parley::UserId::fromStored(user), parley::UserRole::agent};
        submit(std::move(join));
    }
    void type(const std::string& conversation, const std::string& user, const std::string& name) {
        submit(parley::StartTyping{parley::ConversationId::fromStored(conversation),
                                   parley::UserId::fromStored(user), name});
    }
    void stopTyping(const std::string& conversation, const std::string& user) {
        submit(parley::StopTyping{parley::ConversationId::fromStored(conversation),
                                  parley::UserId::fromStored(user)});
    }
    void say(const std::string& conversation, const std::string& user, std::string content) {
        submit(parley::SendMessage{parley::ConversationId::fromStored(conversation),
                                   parley::UserId::fromStored(user),
                                   parley::UserRole::agent,
                                   std::move(content),
                                   parley::MessageType::text,
                                   {},
                                   {},
                                   {},
                                   {}});
    }
    /// Waits until all that was submitted is durable and answered.
    void settle() {
        REQUIRE(sink_.waitFor(submitted_));
        REQUIRE(sink_.lastRefusal() == "");
    }

private:
    void submit(parley::Command command) {
        REQUIRE(engine_->submit({parley::Origin{}, parley::Work(std::move(command))}).ok());
        ++submitted_;
    }

    std::filesystem::path folder_;
    parley::SeededRandom random_;
    CountingSink sink_;
    std::unique_ptr<parley::Engine> engine_;
    std::uint64_t submitted_ = 0;
};

/// Waits until `holds()`; false: it did not come true in good time.
template <typename Holds>
bool eventually(Holds holds) {
    for (int i = 0; i < 6000; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}
