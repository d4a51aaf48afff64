#pragma once

#include "support/temp_folder.h"

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/engine/engine.h>
#include <parley/log/data_folder.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

/// One engine for all tests: on a data folder of its own, with a clock that stands still until the
/// test moves it, and a writer that works when the test steps it. Nothing here waits for real time.
namespace parley::test {

/// A clock that a test moves while the engine's threads read it.
class TestClock final : public Clock {
public:
    UnixMillis now() const override { return {now_.load()}; }
    std::chrono::milliseconds monotonic() const override {
        return std::chrono::milliseconds(now_.load());
    }
    /// Moves both clocks forward.
    void advance(std::chrono::milliseconds by) { now_ += by.count(); }

private:
    std::atomic<std::int64_t> now_{1'700'000'000'000};
};

/// Keeps what the writer published.
class RecordingSink final : public OutcomeSink {
public:
    void publish(BatchOutcome batch) override {
        sizes_.push_back(batch.outcomes.size());
        for (auto& outcome : batch.outcomes) outcomes_.push_back(std::move(outcome));
    }
    /// In the order of the log.
    const std::vector<Outcome>& outcomes() const { return outcomes_; }
    /// How many outcomes each batch had.
    const std::vector<std::size_t>& sizes() const { return sizes_; }
    std::size_t batches() const { return sizes_.size(); }

private:
    std::vector<Outcome> outcomes_;
    std::vector<std::size_t> sizes_;
};

inline ConversationId room(std::string_view id) {
    return ConversationId::fromStored(std::string(id));
}
inline UserId user(std::string_view id) {
    return UserId::fromStored(std::string(id));
}

inline SendMessage message(std::string_view conversation, std::string_view from, UserRole role,
                           std::string content) {
    return {.conversation = room(conversation),
            .from = user(from),
            .fromRole = role,
            .content = std::move(content),
            .type = MessageType::text,
            .toRole = {},
            .isVisible = {},
            .clientMessageId = {},
            .expectedSeq = {}};
}

/// A message whose author is the user that its connection joined as.
inline SendMessage namelessMessage(std::string_view conversation, std::string content) {
    auto send = message(conversation, "", UserRole::agent, std::move(content));
    send.from.reset();
    send.fromRole.reset();
    return send;
}

/// What a `conflict` told.
inline const Unseen& unseenIn(const Outcome& outcome) {
    REQUIRE(outcome.facts);
    return std::get<Unseen>(*outcome.facts);
}

/// What another thread brings about: looks for it now and then. False: it did not come.
template <typename Holds>
bool eventually(Holds holds) {
    for (int i = 0; i < 6000; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

class EngineWorld {
public:
    explicit EngineWorld(EngineOptions options = {}) { open(std::move(options)); }

    /// Restarts with other options; the folder stays.
    void open(EngineOptions options) {
        options_ = std::move(options);
        options_.dataFolder = folder_.path();
        options_.stepped = true;
        open();
    }
    /// Restarts.
    void open() {
        close();
        sink_ = std::make_unique<RecordingSink>();
        auto opened = Engine::open(options_, clock_, random_, *sink_);
        REQUIRE(opened.ok());
        engine_ = std::move(*opened);
    }
    void close() { engine_ = nullptr; }

    TestClock& clock() { return clock_; }
    Engine& engine() { return *engine_; }
    EngineCounters counters() const { return engine_->counters(); }
    const RecordingSink& sink() const { return *sink_; }
    std::filesystem::path database() const { return DataFolder::databaseIn(folder_.path()); }

    void submit(ConnectionId connection, Work work, PrincipalPtr principal = nullptr) {
        Origin origin;
        origin.connection = connection;
        origin.principal = std::move(principal);
        REQUIRE(engine_->submit({origin, std::move(work)}).ok());
    }
    /// One turn of the writer: what was submitted becomes one batch.
    void step() { engine_->step(); }
    /// Steps until all that was submitted is carried out; gives what has been published so far.
    const std::vector<Outcome>& settle() {
        do step();
        while (counters().queueRequests > 0);
        return sink_->outcomes();
    }
    /// Submits, settles, and gives what became of it. Timers that were due come behind it.
    Outcome ask(ConnectionId connection, Work work, PrincipalPtr principal = nullptr) {
        const auto before = sink_->outcomes().size() + counters().queueRequests;
        submit(connection, std::move(work), std::move(principal));
        return settle().at(before);
    }
    /// Steps, and lets `pause` pass before each step, until `holds()`. False: it never did.
    template <typename Holds>
    bool becomes(Holds holds, std::chrono::milliseconds pause = std::chrono::milliseconds(10)) {
        for (int i = 0; i < 6000; ++i) {
            if (holds()) return true;
            clock_.advance(pause);
            step();
        }
        return false;
    }

    Outcome join(ConnectionId connection, std::string_view conversation, std::string_view who,
                 UserRole role) {
        return ask(connection, Command(JoinRoom{room(conversation), user(who), role}));
    }

    // A few words to make it write, over no connection. Carried out by `settle`.
    void join(std::string_view conversation, std::string_view who) {
        submit({}, Command(JoinRoom{room(conversation), user(who), UserRole::agent}));
    }
    void type(std::string_view conversation, std::string_view who, std::string name) {
        submit({}, Command(StartTyping{room(conversation), user(who), std::move(name)}));
    }
    void stopTyping(std::string_view conversation, std::string_view who) {
        submit({}, Command(StopTyping{room(conversation), user(who)}));
    }
    void say(std::string_view conversation, std::string_view who, std::string content) {
        submit({}, Command(message(conversation, who, UserRole::agent, std::move(content))));
    }
    /// As `settle`, and none may have been refused.
    void settleWell() {
        for (const auto& outcome : settle()) {
            if (!outcome.reply.ok()) FAIL(outcome.reply.error().message);
        }
    }

private:
    TestClock clock_;
    TempFolder folder_;
    EngineOptions options_;
    SeededRandom random_{7};
    std::unique_ptr<RecordingSink> sink_;
    std::unique_ptr<Engine> engine_;
};

}  // namespace parley::test
