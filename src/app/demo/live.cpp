#include "app/demo/live.h"

#include "app/demo/stage.h"

#include <parley/core/clock.h>
#include <parley/core/try.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace parley::app::sample {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kAtOnce = 4;              // conversations
constexpr milliseconds kShortestGap{220};       // between messages: fewer than five a second
constexpr milliseconds kLongestGap{700};        // with the steps between them, more than one
constexpr milliseconds kBetweenOtherSteps{40};  // joins, typing and the like
constexpr milliseconds kListenEvery{50};
constexpr milliseconds kTryAgainEvery{500};
constexpr int kTriesMax = 8;

bool isMessage(const Step& step) {
    return step.deed == Deed::say || step.deed == Deed::note || step.deed == Deed::share;
}

class Live {
public:
    Live(const DemoOptions& options, const Script& script, const ServerAddress& server)
        : options_(options),
          script_(script),
          stage_(options, script.people, server, kAtOnce),
          plays_(kAtOnce) {
        samples_.resize(script.conversations.size());
        for (const Step& step : script.steps) samples_[step.conversation].push_back(step);
    }

    Result<DemoReport> play() {
        PARLEY_TRY(stage_.hasConversations());
        options_.out << "Conversations without end, into " << options_.url << "; Ctrl-C stops them"
                     << std::endl;
        while (!options_.stopped()) {
            const std::size_t slot = pick(kAtOnce);
            if (auto done = next(slot); !done) recover(slot, done.error());
        }
        for (std::size_t slot = 0; slot < kAtOnce; ++slot) {
            if (!stage_.end(slot)) break;  // the server is gone: nobody is left in a room there
        }
        const DemoReport report = stage_.report();
        options_.out << "Stopped: " << report.messages << " messages in " << report.conversations
                     << " conversations; customers received " << report.leaksToCustomers
                     << " that were not for them" << std::endl;
        return report;
    }

private:
    struct Play {
        std::vector<Step> steps;
        std::size_t done = 0;
        int tries = 0;  // of the step that is next
    };

    std::size_t pick(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
    }

    // The conversation's next step; after its last one another conversation takes its place.
    Result<void> next(std::size_t slot) {
        Play& play = plays_[slot];
        if (play.done == play.steps.size()) {
            PARLEY_TRY(stage_.end(slot));
            replace(slot);
        }
        const Step& step = play.steps[play.done];
        PARLEY_TRY(pauseBefore(step));
        if (options_.stopped()) return {};
        PARLEY_TRY(stage_.perform(step));
        if (isMessage(step)) lastMessageAt_ = clock_.monotonic();
        ++play.done;
        play.tries = 0;
        return {};
    }

    void replace(std::size_t slot) {
        const std::size_t which = pick(samples_.size());
        Play& play = plays_[slot];
        play = {};
        play.steps = samples_[which];
        for (Step& step : play.steps) step.conversation = slot;
        Conversation conversation = script_.conversations[which];
        // Not used before, in this run or another.
        conversation.id += "-" + std::to_string(clock_.now().value) + std::to_string(slot);
        stage_.begin(slot, conversation);
    }

    Result<void> pauseBefore(const Step& step) {
        const auto now = clock_.monotonic();
        if (!isMessage(step)) return listenUntil(now + kBetweenOtherSteps);
        const auto spread = static_cast<std::size_t>((kLongestGap - kShortestGap).count());
        const auto gap = kShortestGap + milliseconds(pick(spread));
        return listenUntil(std::max(now, lastMessageAt_ + gap));
    }

    Result<void> listenUntil(milliseconds until) {
        while (!options_.stopped()) {
            PARLEY_TRY(stage_.listen());
            const auto left = until - clock_.monotonic();
            if (left <= milliseconds{0}) return {};
            std::this_thread::sleep_for(std::min(left, kListenEvery));
        }
        return {};
    }

    // Everybody connects again, once the server is there, and the step is tried again. If it fails
    // each time, its conversation is given up: a server may refuse it for reasons of its own.
    void recover(std::size_t slot, const Error& error) {
        stage_.hangUp();
        Play& play = plays_[slot];
        if (play.tries == 0) options_.out << "Lost: " << error.message << std::endl;
        do {  // a server that is stopping may still answer, and one that refuses is not stormed
            std::this_thread::sleep_for(kTryAgainEvery);
        } while (!options_.stopped() && !stage_.hasConversations());
        if (options_.stopped() || ++play.tries < kTriesMax) return;
        options_.out << "Given up: " << error.message << std::endl;
        if (!stage_.end(slot)) stage_.hangUp();
        replace(slot);
    }

    const DemoOptions& options_;
    const Script& script_;
    const SystemClock clock_;
    std::mt19937 random_{std::random_device{}()};
    Stage stage_;
    std::vector<std::vector<Step>> samples_;  // the steps of each of the script's conversations
    std::vector<Play> plays_;
    milliseconds lastMessageAt_{0};
};

}  // namespace

Result<DemoReport> playLive(const DemoOptions& options, const Script& script,
                            const ServerAddress& server) {
    return Live(options, script, server).play();
}

}  // namespace parley::app::sample
