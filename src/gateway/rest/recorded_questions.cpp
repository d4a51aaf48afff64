#include "gateway/rest/recorded_questions.h"

#include <parley/core/limits.h>

namespace parley {

using std::chrono::milliseconds;

std::optional<milliseconds> RecordedQuestions::find(const std::string& question,
                                                    milliseconds now) const {
    const std::lock_guard lock(mutex_);
    const auto known = recorded_.find(question);
    if (known == recorded_.end() || now - known->second > kStepsWithin) return std::nullopt;
    return known->second;
}

void RecordedQuestions::note(const std::string& question, milliseconds at) {
    const std::lock_guard lock(mutex_);
    if (recorded_.size() >= limits::kQuestionsRememberedMax) {
        std::erase_if(recorded_, [&](const auto& one) { return at - one.second > kStepsWithin; });
    }
    if (recorded_.size() >= limits::kQuestionsRememberedMax) recorded_.clear();
    recorded_[question] = at;
}

std::size_t RecordedQuestions::size() const {
    const std::lock_guard lock(mutex_);
    return recorded_.size();
}

}  // namespace parley
