#include "gateway/console/sql_desk.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace parley {

Result<SqlDesk::PlacePtr> SqlDesk::take(std::uint64_t request, const std::string& asker) {
    auto place = std::make_shared<Place>(*this, request, asker);
    const std::lock_guard lock(mutex_);
    if (stopping_) return Error{ErrorCode::shutting_down, "the server is stopping"};
    const bool again =
        std::ranges::any_of(places_, [&](const auto& one) { return one.second->asker_ == asker; });
    if (again) return Error{ErrorCode::busy, "your last statement still runs; one at a time"};
    if (places_.size() >= kRunsMax) {
        return Error{ErrorCode::busy, "too many statements run; try again"};
    }
    places_.emplace(request, place.get());
    taken_.store(places_.size());
    return place;
}

void SqlDesk::leave(const Place& place) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(place.request_);
    if (found == places_.end() || found->second != &place) return;  // it was never taken
    places_.erase(found);
    taken_.store(places_.size());
}

// Threads that have ended wait to be joined; a new one joins them.
void SqlDesk::joinEnded(std::unique_lock<std::mutex>& lock) {
    std::list<Run> ended;
    for (auto one = runs_.begin(); one != runs_.end();) {
        const auto next = std::next(one);
        if (one->ended) ended.splice(ended.end(), runs_, one);
        one = next;
    }
    lock.unlock();
    for (auto& run : ended) run.thread.join();
    lock.lock();
}

void SqlDesk::run(const PlacePtr& place, const SqlAsk& ask, const Answered& answered) {
    {
        std::unique_lock lock(mutex_);
        joinEnded(lock);
        if (!stopping_) {
            Run& run = runs_.emplace_back();
            try {
                run.thread = std::thread([this, &run, held = place, ask, answered]() mutable {
                    auto rows = runSql(command_, ask, held->cancelled_);
                    held.reset();  // the asker may ask again as soon as it is answered
                    answered(std::move(rows));
                    const std::lock_guard ending(mutex_);
                    run.ended = true;
                });
                return;
            } catch (const std::system_error&) {
                runs_.pop_back();
            }
        }
    }
    answered(Error{ErrorCode::busy, "the statement cannot be run now; try again"});
}

bool SqlDesk::has(std::uint64_t request) const {
    if (taken_.load(std::memory_order_relaxed) == 0) return false;
    const std::lock_guard lock(mutex_);
    return places_.contains(request);
}

void SqlDesk::cancel(std::uint64_t request) {
    if (taken_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(request);
    if (found != places_.end()) found->second->cancelled_ = true;
}

void SqlDesk::stop() {
    std::list<Run> runs;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const auto& [request, place] : places_) place->cancelled_ = true;
        runs.splice(runs.end(), runs_);
    }
    for (auto& run : runs) run.thread.join();
}

}  // namespace parley
