#pragma once

#include <parley/core/result.h>

#include <chrono>
#include <stdexcept>
#include <utility>

/// Small helpers of the storage benchmarks: an error ends the run, time is measured in seconds.
namespace parley::bench {

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(result).value();
}
inline void must(const Result<void>& result) {
    if (!result) throw std::runtime_error(result.error().message);
}

class Stopwatch {
public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace parley::bench
