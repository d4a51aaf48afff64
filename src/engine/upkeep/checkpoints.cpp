#include "engine/upkeep/checkpoints.h"

#include <parley/core/precise_time.h>
#include <parley/core/try.h>

#include <algorithm>
#include <utility>

namespace parley {

CheckpointTurn turnAfterCommit(const CheckpointOptions& options, int pages, int left, bool free) {
    if (pages < options.inlinePages) return CheckpointTurn::nobodys;
    if (pages < options.backgroundPages) return CheckpointTurn::writers;
    if (left <= options.finishPages) return CheckpointTurn::writers;
    if (pages >= options.atOncePages && free) return CheckpointTurn::writersAtOnce;
    return CheckpointTurn::backgrounds;
}

Result<std::unique_ptr<Checkpoints>> Checkpoints::open(const std::filesystem::path& database,
                                                       const CheckpointOptions& options,
                                                       const Clock& clock) {
    PARLEY_TRY_ASSIGN(auto db, Database::openForCheckpoints(database));
    return std::unique_ptr<Checkpoints>(new Checkpoints(std::move(db), options, clock));
}

Checkpoints::~Checkpoints() {
    stop();
}

void Checkpoints::start(std::function<void(const Error&)> onLost) {
    thread_ = std::thread([this, onLost = std::move(onLost)] { run(onLost); });
}

void Checkpoints::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    db_->interrupt();
    if (thread_.joinable()) thread_.join();
}

Result<void> Checkpoints::afterCommit(Database& writer) {
    const auto turn = noteCommit(writer.walPages());
    if (turn == CheckpointTurn::nobodys || turn == CheckpointTurn::backgrounds) return {};
    std::unique_lock copying(copying_, std::defer_lock);
    if (turn == CheckpointTurn::writersAtOnce) {
        copying.lock();
    } else if (!copying.try_lock()) {
        return {};
    }
    auto found = copy(writer);
    if (!found && writer.mustStop()) return found.error();
    if (!found || !*found) return {};  // no room, or another process is at it
    std::lock_guard lock(mutex_);
    if (notePages(**found, generation_)) ++counters_.byWriter;
    free_ = free_ && left() == 0;  // else the copy at once was in vain: not again before a try
    return {};
}

Result<std::optional<WalPages>> Checkpoints::copy(Database& db) {
    const auto begun = preciseTime();
    auto found = db.checkpoint();
    durations_.observe(preciseTime() - begun);
    return found;
}

CheckpointTurn Checkpoints::noteCommit(int pages) {
    std::lock_guard lock(mutex_);
    if (pages < pages_) {  // the WAL has begun anew
        ++generation_;
        copied_ = 0;
        free_ = false;
    }
    pages_ = pages;
    if (waiting_ && isLarge()) wake_.notify_one();
    return turnAfterCommit(options_, pages_, left(), free_);
}

// Takes note of what a copy found; whether it got further. The WAL may have begun anew since.
bool Checkpoints::notePages(const WalPages& found, std::uint64_t generation) {
    if (generation != generation_ || found.copied <= copied_) return false;
    copied_ = std::min(found.copied, pages_);
    return true;
}

void Checkpoints::run(const std::function<void(const Error&)>& onLost) {
    auto rest = kRestShort;
    std::unique_lock lock(mutex_);
    for (;;) {
        waiting_ = true;
        wake_.wait(lock, [this] { return stopping_ || isLarge(); });
        waiting_ = false;
        if (stopping_) return;
        const auto begun = clock_.monotonic();
        const auto made = pass(lock);
        if (made == Pass::lost) break;
        if (made == Pass::further && left() > options_.finishPages) continue;
        // The writer finishes what is left with its next commit; without one, the next pass does.
        rest = made == Pass::further ? kRestShort : std::min(2 * rest, kRestLong);
        const auto work = clock_.monotonic() - begun;
        const auto pause = made == Pass::further ? rest : std::max(rest, kRestPerWork * work);
        wake_.wait_for(lock, pause, [this] { return stopping_; });
    }
    const Error lost = *lost_;
    lock.unlock();
    onLost(lost);
}

// One copy of what may be copied now. Called with the lock held, and releases it meanwhile.
Checkpoints::Pass Checkpoints::pass(std::unique_lock<std::mutex>& lock) {
    const auto generation = generation_;
    lock.unlock();
    std::unique_lock copying(copying_);
    auto found = copy(*db_);
    copying.unlock();
    lock.lock();
    if (!found && db_->mustStop()) {
        lost_ = found.error();
        return Pass::lost;
    }
    free_ = found && *found && notePages(**found, generation);
    if (!free_) return Pass::heldBack;  // by a snapshot, for want of room, or it was given up
    ++counters_.inBackground;
    return Pass::further;
}

CheckpointCounters Checkpoints::counters() const {
    std::lock_guard lock(mutex_);
    auto counters = counters_;
    counters.pagesLeft = left();
    counters.durations = durations_.values();
    return counters;
}

}  // namespace parley
