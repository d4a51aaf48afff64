#pragma once

#include <parley/core/clock.h>
#include <parley/engine/background_thread.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <utility>

namespace parley {

/// How fast something grows, from samples of its size over the last day. Keeps a sample each
/// kBetween. Not thread-safe.
class GrowthMeter {
public:
    /// Takes a sample; those that come sooner than kBetween after the last kept one replace the
    /// newest. `now`: by Clock::monotonic, never going back.
    void add(std::chrono::milliseconds now, std::int64_t bytes);
    /// From the first sample to the newest, scaled to a day; 0 until they span kAtLeast. Negative
    /// where it shrank.
    std::int64_t bytesPerDay() const;

    static constexpr std::chrono::minutes kBetween{10};
    static constexpr std::chrono::minutes kAtLeast{1};
    static constexpr std::chrono::hours kWindow{24};

private:
    std::deque<std::pair<std::chrono::milliseconds, std::int64_t>> samples_;  // kWindow/kBetween
};

/// What the files of a database take on the disk, as of the last look.
struct StorageCounters {
    std::int64_t databaseBytes = 0;      ///< 0 where its size cannot be read
    std::int64_t walBytes = 0;           ///< likewise
    std::int64_t growthBytesPerDay = 0;  ///< of both together
    std::uint64_t walWarnings = 0;       ///< times the WAL was found beyond limits::kWalBytesWarn
};

/// Looks at the sizes of the database and its WAL (never opening them), measures their growth, and
/// warns of a WAL that does not stop growing, because some reader holds an old snapshot.
class StorageWatch {
public:
    /// `alsoLook` is called at each look of the watch's thread, before anything else, but not by
    /// `look` and not at the start. The clock outlives this.
    StorageWatch(std::filesystem::path database, const Clock& clock,
                 std::function<void()> alsoLook = {});
    /// Stops as `stop` does.
    ~StorageWatch();

    /// Looks once, then each kEvery on a thread of its own. Call once. The owner's thread.
    void start();
    /// Joins the thread. Idempotent. The owner's thread.
    void stop();
    /// Looks now, and warns (`wal_large`) where the WAL is beyond limits::kWalBytesWarn. Any
    /// thread.
    void look();
    /// Copies of them. Any thread.
    StorageCounters counters() const;

    static constexpr std::chrono::seconds kEvery{1};
    /// From one warning to the next while the WAL stays too large.
    static constexpr std::chrono::minutes kWarnAgain{1};

private:
    void warn(std::chrono::milliseconds now);

    const std::filesystem::path database_;
    const Clock& clock_;
    const std::function<void()> alsoLook_;
    mutable std::mutex mutex_;
    StorageCounters counters_;
    GrowthMeter growth_;
    std::chrono::milliseconds warnNext_{0};
    bool warned_ = false;
    BackgroundThread thread_;  // stops before the rest goes
};

}  // namespace parley
