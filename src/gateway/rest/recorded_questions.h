#pragma once

#include <parley/core/result.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace parley {

/// Questions that are being recorded (`audit_read`), and those that were a moment ago: the same
/// question meanwhile, pages and further steps of it within kStepsWithin belong to its record.
/// Bounded; a forgotten one is only recorded again. Any thread.
class RecordedQuestions {
public:
    static constexpr std::chrono::milliseconds kStepsWithin{60'000};

    /// When the question was recorded, by the monotonic clock; or why it could not be.
    using Recorded = Result<std::chrono::milliseconds>;
    using Told = std::function<void(const Recorded&)>;

    enum class Turn {
        first,  ///< to be recorded now, by the caller, who ends it with `finish`
        waits,  ///< somebody records it now: `told` is called with what comes of it
        step,   ///< it is recorded
    };
    struct Place {
        Turn turn = Turn::first;
        std::chrono::milliseconds at{0};  ///< of a step: when it was recorded
    };

    /// Refuses with `busy` where more than limits::kQuestionsRememberedMax wait.
    Result<Place> ask(const std::string& question, std::chrono::milliseconds now, Told told);
    /// What came of a question that somebody records. Calls those that wait for it, on this thread.
    void finish(const std::string& question, const Recorded& recorded);
    /// `question` is a step of one that is durable in the log since `at`.
    void note(const std::string& question, std::chrono::milliseconds at);

    std::size_t size() const;     ///< that are remembered
    std::size_t waiting() const;  ///< that somebody else records now

private:
    void keep(const std::string& question, std::chrono::milliseconds at);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::chrono::milliseconds> recorded_;
    std::unordered_map<std::string, std::vector<Told>> beingRecorded_;
    std::size_t waiting_ = 0;
};

}  // namespace parley
