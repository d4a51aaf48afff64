#include "gateway/waiting_watch.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <utility>

namespace parley {
namespace {

// A connection is opened each time: between two scrapes nothing holds the file.
Result<WaitingCustomers> readFrom(const std::filesystem::path& database) {
    PARLEY_TRY_ASSIGN(const auto db, Database::openReader(database));
    return readWaitingCustomers(*db);
}

}  // namespace

void WaitingWatch::start() {
    std::unique_lock lock(mutex_);
    read(lock);
    thread_ = std::thread([this] { run(); });
}

void WaitingWatch::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

std::optional<WaitingCustomers> WaitingWatch::take() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    wake_.notify_one();
    return last_;
}

void WaitingWatch::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return asked_ || stopping_; });
        if (stopping_) return;
        asked_ = false;
        read(lock);
    }
}

// Releases the lock meanwhile.
void WaitingWatch::read(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    auto read = readFrom(database_);
    if (!read) logger().warn("waiting_not_read code={}", read.error().name());
    lock.lock();
    last_ = read ? std::optional(*read) : std::nullopt;
}

}  // namespace parley
