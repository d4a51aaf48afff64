#include "engine/request_queue.h"

#include "engine/weight.h"
#include "engine/work_traits.h"

#include <parley/core/limits.h>

#include <iterator>
#include <string>
#include <utility>

namespace parley {

Result<void> RequestQueue::submit(Request request) {
    bool wasEmpty = false;
    {
        std::lock_guard lock(mutex_);
        wasEmpty = queue_.empty();
        if (auto taken = add(request); !taken) return taken;
    }
    if (wasEmpty) wake_.notify_one();
    return {};
}

void RequestQueue::submit(std::vector<Request>& requests, const Engine::NotTaken& notTaken) {
    // `notTaken` may put new ones into `requests`.
    std::vector<Request> handed = std::move(requests);
    requests.clear();
    std::vector<std::pair<const Request*, Error>> refused;
    bool wake = false;
    {
        std::lock_guard lock(mutex_);
        const bool wasEmpty = queue_.empty();
        for (auto& request : handed) {
            if (auto taken = add(request); !taken) refused.emplace_back(&request, taken.error());
        }
        wake = wasEmpty && !queue_.empty();
    }
    if (wake) wake_.notify_one();
    for (const auto& [request, error] : refused) notTaken(*request, error);
    handed.clear();
    if (requests.empty()) requests.swap(handed);  // its memory is used again
}

// With the lock held. Moves from `request` only where it is taken.
Result<void> RequestQueue::add(Request& request) {
    if (closed_) return Error{ErrorCode::shutting_down, "the server is stopping"};
    if (failed_) return Error{ErrorCode::storage_failed, "the storage has failed"};
    const std::size_t bytes = weightOf(request);
    const bool full = queue_.size() >= requestsMax_ || bytes_ + bytes > bytesMax_;
    if (full && !isAlwaysTaken(request.work)) {
        busy_.fetch_add(1, std::memory_order_relaxed);
        return Error{ErrorCode::busy, "the server has " + std::to_string(queue_.size()) +
                                          " requests waiting; try again"};
    }
    bytes_ += bytes;
    queue_.push_back(std::move(request));
    noteSize();
    return {};
}

void RequestQueue::close() {
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
    }
    wake_.notify_one();
}

void RequestQueue::fail() {
    std::lock_guard lock(mutex_);
    failed_ = true;
}

void RequestQueue::lose(const Error& error) {
    {
        std::lock_guard lock(mutex_);
        lost_ = error;
    }
    wake_.notify_one();
}

std::optional<Error> RequestQueue::lost() const {
    std::lock_guard lock(mutex_);
    return lost_;
}

bool RequestQueue::take(std::vector<Request>& batch, std::chrono::milliseconds atMost) {
    if (atMost.count() > 0) {
        briefWait_.until([this] { return queued_.load(std::memory_order_relaxed) > 0; });
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, atMost, [this] { return closed_ || lost_ || !queue_.empty(); });
    if (queue_.empty()) return !closed_;
    moveTo(batch);
    noteSize();
    return true;
}

void RequestQueue::moveTo(std::vector<Request>& batch) {
    if (queue_.size() <= limits::kBatchCommandsMax) {
        batch.swap(queue_);
        bytes_ = 0;
        return;
    }
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits::kBatchCommandsMax);
    std::move(queue_.begin(), end, std::back_inserter(batch));
    queue_.erase(queue_.begin(), end);
    for (const auto& request : batch) bytes_ -= weightOf(request);
}

void RequestQueue::noteSize() {
    queued_.store(queue_.size(), std::memory_order_relaxed);
    queuedBytes_.store(bytes_, std::memory_order_relaxed);
}

void RequestQueue::addTo(EngineCounters& counters) const {
    counters.queueRequests = queued_.load(std::memory_order_relaxed);
    counters.queueBytes = queuedBytes_.load(std::memory_order_relaxed);
    counters.requestsBusy = busy_.load(std::memory_order_relaxed);
}

}  // namespace parley
