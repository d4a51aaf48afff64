#include "net/mailbox.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace parley::net {

Mailbox::Mailbox() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Mailbox::~Mailbox() {
    ::close(descriptor_);
}

void Mailbox::post(Task task, std::size_t bytes) {
    bool wasEmpty = false;
    {
        const std::lock_guard lock(mutex_);
        wasEmpty = tasks_.empty();
        tasks_.push_back(std::move(task));
        taskCount_.store(tasks_.size(), std::memory_order_relaxed);
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
    if (!wasEmpty) return;
    const std::uint64_t one = 1;
    // The write fails only when the counter is full; then the loop is awake already.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Mailbox::take(std::vector<Task>& tasks) {
    // Cleared before the tasks are taken, so that a post in between wakes the loop again.
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(descriptor_, &count, sizeof count);
    tasks.clear();
    const std::lock_guard lock(mutex_);
    std::swap(tasks, tasks_);
    taskCount_.store(0, std::memory_order_relaxed);
    bytes_.store(0, std::memory_order_relaxed);
}

}  // namespace parley::net
