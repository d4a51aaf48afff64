#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace parley::net {

/// Tasks that other threads hand to a loop. Its descriptor becomes readable when the first of
/// them arrives, so that a loop is woken once for all that gather while it works.
class Mailbox {
public:
    using Task = std::function<void()>;
    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Any thread.
    void post(Task task);
    /// The loop's thread: puts what has arrived into `tasks`, in order, and clears the descriptor.
    void take(std::vector<Task>& tasks);
    int descriptor() const { return descriptor_; }

private:
    std::mutex mutex_;
    std::vector<Task> tasks_;
    int descriptor_;
};

}  // namespace parley::net
