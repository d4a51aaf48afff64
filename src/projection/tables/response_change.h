#pragma once

#include <parley/domain/answer.h>

#include <optional>

namespace parley {

/// What some events of one conversation change about its Responses, gathered without knowing what
/// they were before: a statement adds it to the row, as `noteMessage` would have, event by event.
class ResponseChange {
public:
    struct Answer {
        Moment moment;
        UserKey by;
    };

    void noteMessage(const FoldableEvent& event) {
        if (asks(event)) {
            if (!asked_) asked_ = momentOf(event);
            if (!waiting_) waiting_ = momentOf(event);
        } else if (answers(event)) {
            const Answer answer{momentOf(event), event.actorKey};
            if (!answer_) answer_ = answer;
            if (asked_ && !answerAfterAsked_) answerAfterAsked_ = answer;
            endWaiting();
        }
    }
    void noteNoCustomer() { endWaiting(); }

    bool isEmpty() const { return !asked_ && !answer_ && !ended_; }
    const std::optional<Moment>& asked() const { return asked_; }
    /// The first answer: for a conversation in which somebody had asked before.
    const std::optional<Answer>& answer() const { return answer_; }
    /// The first answer after `asked`: for all others.
    const std::optional<Answer>& answerAfterAsked() const { return answerAfterAsked_; }
    /// Whether the waiting that there was has ended.
    bool ended() const { return ended_; }
    const std::optional<Moment>& waiting() const { return waiting_; }

private:
    void endWaiting() {
        ended_ = true;
        waiting_.reset();
    }

    std::optional<Moment> asked_;
    std::optional<Answer> answer_;
    std::optional<Answer> answerAfterAsked_;
    std::optional<Moment> waiting_;
    bool ended_ = false;
};

}  // namespace parley
