#pragma once

#include <mutex>
#include <utility>

namespace parley {

/// A value that one thread may replace while others read it; they get copies, so keep it small or a
/// pointer. Any thread.
template <typename T>
class Guarded {
public:
    explicit Guarded(T value) : value_(std::move(value)) {}

    T get() const {
        const std::lock_guard lock(mutex_);
        return value_;
    }
    void set(T value) {
        const std::lock_guard lock(mutex_);
        value_ = std::move(value);
    }

private:
    mutable std::mutex mutex_;
    T value_;
};

}  // namespace parley
