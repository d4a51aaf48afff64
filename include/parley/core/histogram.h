#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley {

/// How a histogram divides what it counts.
struct HistogramScale {
    static constexpr std::size_t kBoundCount = 16;
    std::array<std::uint64_t, kBoundCount> bounds;  ///< each bucket's largest value; ascending
    double unit;  ///< what a value of 1 is, in the unit that is shown
};

/// Microseconds, shown as seconds: 100 µs to 10 s.
inline constexpr HistogramScale kDurations{
    {100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 500'000,
     1'000'000, 2'500'000, 5'000'000, 10'000'000},
    1e-6};
/// A number of things.
inline constexpr HistogramScale kAmounts{
    {1, 2, 3, 5, 8, 13, 20, 30, 50, 100, 200, 300, 500, 1'000, 2'000, 5'000}, 1};

/// What a histogram has counted at one moment. A value.
struct HistogramValues {
    const HistogramScale* scale = &kDurations;  ///< static
    /// By bucket; the last one is for values beyond every bound.
    std::array<std::uint64_t, HistogramScale::kBoundCount + 1> counts{};
    std::uint64_t sum = 0;  ///< of all values, in the scale's

    std::uint64_t count() const {
        std::uint64_t all = 0;
        for (const auto one : counts) all += one;
        return all;
    }
    /// Both have one scale.
    HistogramValues& operator+=(const HistogramValues& other) {
        scale = other.scale;
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
        sum += other.sum;
        return *this;
    }
};

/// Counts values by their size. A few comparisons and two relaxed additions a value; any thread.
/// On the way of every message each thread has one of its own, so that they do not share a cache
/// line.
class Histogram {
public:
    /// `scale` is static.
    explicit Histogram(const HistogramScale& scale = kDurations) : scale_(&scale) {}

    void observe(std::uint64_t value) {
        std::size_t bucket = 0;
        while (bucket < scale_->bounds.size() && value > scale_->bounds[bucket]) ++bucket;
        counts_[bucket].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(value, std::memory_order_relaxed);
    }
    /// REQUIRES: the scale is one of durations. One below 0 counts as 0.
    void observe(std::chrono::microseconds took) {
        observe(took.count() < 0 ? 0 : static_cast<std::uint64_t>(took.count()));
    }

    /// Each count is exact, but they are not of one moment.
    HistogramValues values() const {
        HistogramValues now;
        now.scale = scale_;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            now.counts[i] = counts_[i].load(std::memory_order_relaxed);
        }
        now.sum = sum_.load(std::memory_order_relaxed);
        return now;
    }

private:
    const HistogramScale* scale_;
    std::array<std::atomic<std::uint64_t>, HistogramScale::kBoundCount + 1> counts_{};
    std::atomic<std::uint64_t> sum_{0};
};

}  // namespace parley
