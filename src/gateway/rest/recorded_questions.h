#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace parley {

/// Questions that were recorded a moment ago (`audit_read`): pages and further steps of one, within
/// kStepsWithin, belong to its record. Bounded; a forgotten one is only recorded again. Any thread.
class RecordedQuestions {
public:
    static constexpr std::chrono::milliseconds kStepsWithin{60'000};

    /// When the question was recorded, by the monotonic clock, if it still counts.
    std::optional<std::chrono::milliseconds> find(const std::string& question,
                                                  std::chrono::milliseconds now) const;
    /// `question` is durable in the log, or belongs to a question that is, since `at`.
    void note(const std::string& question, std::chrono::milliseconds at);

    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::chrono::milliseconds> recorded_;
};

}  // namespace parley
