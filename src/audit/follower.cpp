#include "audit/following.h"

#include <parley/audit/follower.h>
#include <parley/core/limits.h>
#include <parley/core/logging.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace parley::audit {
namespace {

using std::chrono::milliseconds;

constexpr int kLowestPriority = 19;
constexpr milliseconds kAfterFailure{1000};  // twice as long after each further one
constexpr milliseconds kAfterFailureMax{60'000};
constexpr const char* kWarning = "audit_failed";

milliseconds pauseAfter(int failures) {
    const int doublings = std::clamp(failures - 1, 0, 6);
    return std::min(kAfterFailure * (1 << doublings), kAfterFailureMax);
}

}  // namespace

Follower::Follower(const std::filesystem::path& folder, std::function<Position()> head,
                   const Clock& clock, Warnings& warnings)
    : head_(std::move(head)),
      clock_(clock),
      warnings_(warnings),
      following_(std::make_unique<Following>(folder, clock)) {}

Follower::~Follower() {
    stop();
}

void Follower::start() {
    thread_ = std::thread([this] { run(); });
}

void Follower::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    reached_.notify_all();
    if (!thread_.joinable()) return;
    thread_.join();
    // Here, and not on the thread that has ended: on a busy machine its lowest priority would make
    // the end of the process wait for the last checkpoint.
    catchUp();
    answer(true);
    following_.reset();
}

std::int64_t Follower::lag() const {
    return std::max<std::int64_t>(head_().value - position_.load(), 0);
}

bool Follower::waitFor(Position position, milliseconds atMost) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    wake_.notify_all();
    const auto isThere = [&] { return position_.load() >= position.value; };
    reached_.wait_for(lock, atMost, [&] { return stopping_ || isThere(); });
    --waiting_;
    return isThere();
}

void Follower::whenReached(Position position, milliseconds atMost, std::function<void()> then) {
    std::unique_lock lock(mutex_);
    if (stopping_ || position_.load() >= position.value || questions_.size() >= kWaitingMax) {
        lock.unlock();
        return then();
    }
    questions_.push_back({position.value, clock_.monotonic() + atMost, std::move(then)});
    lock.unlock();
    wake_.notify_all();
}

// Those that are due; all of them once the thread stops.
void Follower::answer(bool all) {
    std::vector<Question> due;
    {
        const std::lock_guard lock(mutex_);
        const auto now = clock_.monotonic();
        const auto first = std::stable_partition(
            questions_.begin(), questions_.end(), [&](const Question& question) {
                return !all && question.position > position_.load() && now < question.until;
            });
        due.assign(std::make_move_iterator(first), std::make_move_iterator(questions_.end()));
        questions_.erase(first, questions_.end());
    }
    for (const auto& question : due) question.then();
}

// False: the thread is to stop. `forQuestions`: one that waits for newer events ends it. While
// questions wait, their time is looked at each kPoll.
bool Follower::sleep(milliseconds span, bool forQuestions) {
    std::unique_lock lock(mutex_);
    const auto isAsked = [&] {
        return forQuestions && (waiting_ > 0 || !questions_.empty()) &&
               head_().value > position_.load();
    };
    for (auto left = span; left.count() > 0 && !stopping_ && !isAsked();
         left -= std::min(left, kPoll)) {
        wake_.wait_for(lock, std::min(left, kPoll));
        lock.unlock();
        answer(false);
        lock.lock();
    }
    return !stopping_;
}

void Follower::run() {
    // Linux gives each thread a priority of its own.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowestPriority);
    for (bool goesOn = true; goesOn;) {
        switch (step()) {
            case Next::atOnce: goesOn = sleep(limits::kBetweenReads, false); break;
            case Next::later: goesOn = sleep(kPoll, true); break;
            case Next::afterFailure: goesOn = sleep(pauseAfter(failures_), false); break;
        }
    }
}

// So that questions to a server that was stopped find all its events.
void Follower::catchUp() {
    const auto until = clock_.monotonic() + kCatchUpAtStop;
    while (clock_.monotonic() < until && position_.load() < head_().value) {
        if (step() == Next::afterFailure) return;
    }
}

// No memory is a failure too: the process goes on.
Follower::Next Follower::step() {
    const Position head = head_();
    try {
        const auto more = following_->step(head);
        const auto reached = following_->position();
        {
            const std::lock_guard lock(mutex_);
            position_.store(reached.value);
        }
        reached_.notify_all();
        answer(false);
        if (!more) {
            noteFailure(more.error().message);
            return Next::afterFailure;
        }
        if (*more) return Next::atOnce;
        noteSuccess();
        return Next::later;
    } catch (const std::exception& error) {
        noteFailure(error.what());
        return Next::afterFailure;
    }
}

void Follower::noteFailure(const std::string& why) {
    if (++failures_ > 1) return;
    logger().warn("audit_failed error=\"{}\"", why);
    warnings_.raise(kWarning,
                    "audit.db cannot be brought up to date, so that searches and audits lack the "
                    "newest events: " +
                        why + ". It is tried again by itself");
}

// Only once the head is reached: a file that is built anew again and again is a failure.
void Follower::noteSuccess() {
    if (failures_ == 0) return;
    failures_ = 0;
    warnings_.clear(kWarning);
    logger().info("audit_follows_again position={}", position_.load());
}

}  // namespace parley::audit
