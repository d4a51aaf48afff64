#include <parley/engine/background_thread.h>

#include <utility>

namespace parley {

void BackgroundThread::start(std::function<void()> body) {
    thread_ = std::thread(std::move(body));
}

void BackgroundThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool BackgroundThread::sleep(std::chrono::milliseconds span) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, span, [this] { return stopping_; });
}

bool BackgroundThread::isStopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

}  // namespace parley
