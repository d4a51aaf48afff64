#pragma once

#include "support/temp_folder.h"

#include <parley/core/random.h>
#include <parley/engine/engine.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <vector>

namespace parley::test {

/// A clock that one thread moves and others read.
class SharedClock : public Clock {
public:
    UnixMillis now() const override { return {1'700'000'000'000 + ahead.load()}; }
    std::chrono::milliseconds monotonic() const override {
        return system.monotonic() + std::chrono::milliseconds(ahead.load());
    }
    SystemClock system;
    std::atomic<std::int64_t> ahead{0};
};

/// Keeps what the writer published. `hold` makes it wait with the next batch, so that what is
/// submitted meanwhile becomes one batch.
class RecordingSink : public OutcomeSink {
public:
    void publish(BatchOutcome batch) override {
        std::unique_lock lock(mutex_);
        ++batches_;
        for (auto& outcome : batch.outcomes) outcomes_.push_back(std::move(outcome));
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
    }
    void hold() {
        std::lock_guard lock(mutex_);
        held_ = true;
    }
    void release() {
        std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }
    /// Waits until `count` outcomes have come, and gives a copy of all.
    std::vector<Outcome> take(std::size_t count) {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, std::chrono::seconds(60),
                                  [&] { return outcomes_.size() >= count; }));
        return outcomes_;
    }
    std::size_t batches() {
        std::lock_guard lock(mutex_);
        return batches_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Outcome> outcomes_;
    std::size_t batches_ = 0;
    bool held_ = false;
};

inline ConversationId room(std::string_view id) {
    return *ConversationId::parse(id, "c");
}
inline UserId user(std::string_view id) {
    return *UserId::parse(id, "u");
}

inline SendMessage message(std::string_view conversation, std::string_view from, UserRole role,
                           std::string content) {
    SendMessage send{room(conversation), user(from), role, std::move(content), {}, {}, {}, {}, {}};
    send.type = MessageType::text;
    return send;
}

/// What a `conflict` told.
inline const Missed& missedIn(const Outcome& outcome) {
    REQUIRE(outcome.facts);
    return std::get<Missed>(*outcome.facts);
}

/// An engine on a folder; ask it one thing after another.
class EngineWorld {
public:
    explicit EngineWorld(const Clock& clock, EngineOptions options = {}) : clock_(clock) {
        open(options);
    }
    void open(EngineOptions options) {
        options_ = options;
        options_.dataFolder = folder_.path();
        open();
    }
    void open() {
        engine_ = nullptr;
        sink_ = std::make_unique<RecordingSink>();
        asked_ = 0;
        auto opened = Engine::open(options_, clock_, random_, *sink_);
        REQUIRE(opened.ok());
        engine_ = std::move(*opened);
    }
    void close() { engine_ = nullptr; }
    Engine& engine() { return *engine_; }
    RecordingSink& sink() { return *sink_; }
    std::filesystem::path database() const { return folder_.path() / "parley.db"; }

    void submit(std::uint64_t connection, Work work) {
        Origin origin;
        origin.connection = ConnectionId{connection};
        REQUIRE(engine_->submit({origin, std::move(work)}).ok());
        ++asked_;
    }
    Outcome ask(std::uint64_t connection, Work work) {
        submit(connection, std::move(work));
        return sink_->take(asked_)[asked_ - 1];
    }
    Outcome join(std::uint64_t connection, std::string_view conversation, std::string_view who,
                 UserRole role) {
        return ask(connection, Command(JoinRoom{room(conversation), user(who), role}));
    }

private:
    const Clock& clock_;
    TempFolder folder_;
    EngineOptions options_;
    SystemRandom random_;
    std::unique_ptr<RecordingSink> sink_;
    std::unique_ptr<Engine> engine_;
    std::size_t asked_ = 0;
};

}  // namespace parley::test
