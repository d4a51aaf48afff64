#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace parley::net {

/// Tasks that other threads hand to a loop. The descriptor becomes readable with the first of them,
/// so that a loop is woken once for all tasks that gather while it works.
class Mailbox {
public:
    using Task = std::function<void()>;
    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Any thread. `bytes`: what the task holds.
    void post(Task task, std::size_t bytes);
    /// The loop's thread: puts what has arrived into `tasks`, in order, and clears the descriptor.
    void take(std::vector<Task>& tasks);
    int descriptor() const { return descriptor_; }
    /// How many tasks and bytes wait, roughly. Any thread.
    std::size_t taskCount() const { return taskCount_.load(std::memory_order_relaxed); }
    std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

private:
    std::mutex mutex_;
    std::vector<Task> tasks_;
    std::atomic<std::size_t> taskCount_{0};  // changed under the lock, read without
    std::atomic<std::size_t> bytes_{0};
    int descriptor_;
};

}  // namespace parley::net
