#pragma once

#include <parley/core/brief_wait.h>
#include <parley/engine/engine.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace parley {

/// The requests that wait for the writer, within limits of their number and of the text they hold.
/// Any thread puts them in, one takes them out.
class RequestQueue {
public:
    RequestQueue(std::size_t requestsMax, std::size_t bytesMax)
        : requestsMax_(requestsMax), bytesMax_(bytesMax) {}

    /// As Engine::submit. Any thread.
    Result<void> submit(Request request);
    void submit(std::vector<Request>& requests, const Engine::NotTaken& notTaken);

    /// Takes no more, and refuses what comes with `shutting_down`. Any thread.
    void close();
    /// Takes no more, and refuses what comes with `storage_failed`. Any thread.
    void fail();
    /// Another thread found that the storage is lost: wakes the taker, which finds it in `lost`.
    void lose(const Error& error);

    /// Waits for a request, at most for `atMost`, then moves the first ones into `batch`, up to
    /// limits::kBatchCommandsMax. False: it is closed and empty. The taker's thread only.
    /// REQUIRES: `batch` is empty.
    bool take(std::vector<Request>& batch, std::chrono::milliseconds atMost);
    /// What `lose` was told. Any thread.
    std::optional<Error> lost() const;

    /// Any thread.
    void addTo(EngineCounters& counters) const;

private:
    Result<void> add(Request& request);
    void moveTo(std::vector<Request>& batch);
    void noteSize();

    const std::size_t requestsMax_;
    const std::size_t bytesMax_;
    BriefWait briefWait_{200};  // about 80 us: a client's turn, and the loops' before and after it

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Request> queue_;
    std::size_t bytes_ = 0;
    bool closed_ = false;
    bool failed_ = false;
    std::optional<Error> lost_;

    std::atomic<std::uint64_t> queued_{0};
    std::atomic<std::uint64_t> queuedBytes_{0};
    std::atomic<std::uint64_t> busy_{0};
};

}  // namespace parley
