#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

/// Timers of one constant duration. A timer that starts later is due later, so a list in the order
/// of starting is sorted: starting, stopping and expiring cost O(1) and allocate nothing.
namespace parley::engineio {

struct Timer {
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { stop(); }

    std::chrono::milliseconds deadline{0};

    void stop() {
        if (next_ == nullptr) return;
        previous_->next_ = next_;
        next_->previous_ = previous_;
        previous_ = next_ = nullptr;
    }

private:
    friend class TimerList;
    Timer* previous_ = nullptr;
    Timer* next_ = nullptr;
};

class TimerList {
public:
    TimerList() { head_.previous_ = head_.next_ = &head_; }
    ~TimerList() {
        while (head_.next_ != &head_) head_.next_->stop();
        head_.next_ = nullptr;
    }

    /// Starts `timer`, which leaves the list that it was in. It must outlive the list or be stopped
    /// before; its destructor stops it.
    void start(Timer& timer, std::chrono::milliseconds deadline) {
        timer.stop();
        timer.deadline = empty() ? deadline : std::max(deadline, head_.previous_->deadline);
        timer.previous_ = head_.previous_;
        timer.next_ = &head_;
        head_.previous_->next_ = &timer;
        head_.previous_ = &timer;
    }

    bool empty() const { return head_.next_ == &head_; }

    std::optional<std::chrono::milliseconds> nextDeadline() const {
        if (empty()) return std::nullopt;
        return head_.next_->deadline;
    }

    /// In the order of starting. `visit` must not start or stop timers.
    template <typename Visit>
    void forEach(const Visit& visit) const {
        for (const Timer* timer = head_.next_; timer != &head_; timer = timer->next_) visit(*timer);
    }

    /// Stops the first timer that is due and returns it; null when none is.
    Timer* takeDue(std::chrono::milliseconds now) {
        if (empty() || head_.next_->deadline > now) return nullptr;
        Timer* due = head_.next_;
        due->stop();
        return due;
    }

private:
    Timer head_;
};

}  // namespace parley::engineio
