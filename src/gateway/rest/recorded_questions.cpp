#include "gateway/rest/recorded_questions.h"

#include <parley/core/limits.h>

#include <utility>

namespace parley {

using std::chrono::milliseconds;

Result<RecordedQuestions::Place> RecordedQuestions::ask(const std::string& question,
                                                        milliseconds now, Told told) {
    const std::lock_guard lock(mutex_);
    const auto known = recorded_.find(question);
    if (known != recorded_.end() && now - known->second <= kStepsWithin) {
        return Place{Turn::step, known->second};
    }
    const auto [begun, isFirst] = beingRecorded_.try_emplace(question);
    if (isFirst) return Place{Turn::first, {}};
    if (waiting_ >= limits::kQuestionsRememberedMax) {
        return Error{ErrorCode::busy, "too many questions wait for their record; try again"};
    }
    begun->second.push_back(std::move(told));
    ++waiting_;
    return Place{Turn::waits, {}};
}

void RecordedQuestions::finish(const std::string& question, const Recorded& recorded) {
    std::vector<Told> waited;
    {
        const std::lock_guard lock(mutex_);
        if (recorded) keep(question, *recorded);
        if (auto begun = beingRecorded_.extract(question)) waited = std::move(begun.mapped());
        waiting_ -= waited.size();
    }
    for (const auto& told : waited) told(recorded);
}

void RecordedQuestions::note(const std::string& question, milliseconds at) {
    const std::lock_guard lock(mutex_);
    keep(question, at);
}

void RecordedQuestions::keep(const std::string& question, milliseconds at) {
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

std::size_t RecordedQuestions::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

}  // namespace parley
