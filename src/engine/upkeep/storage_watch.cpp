#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/engine/storage_watch.h>
#include <parley/log/data_folder.h>

#include <string>
#include <system_error>
#include <utility>

namespace parley {
namespace {

std::int64_t bytesOfFile(const std::filesystem::path& file) {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(file, none);
    return none ? 0 : static_cast<std::int64_t>(bytes);
}

}  // namespace

void GrowthMeter::add(std::chrono::milliseconds now, std::int64_t bytes) {
    // The last sample moves along until it is kBetween after the one before it.
    const auto count = samples_.size();
    if (count >= 2 && now - samples_[count - 2].first < kBetween) {
        samples_.back() = {now, bytes};
    } else {
        samples_.emplace_back(now, bytes);
    }
    while (samples_.size() > 2 && now - samples_.front().first > kWindow) samples_.pop_front();
}

std::int64_t GrowthMeter::bytesPerDay() const {
    if (samples_.empty()) return 0;
    const auto& [from, before] = samples_.front();
    const auto& [to, after] = samples_.back();
    if (to - from < kAtLeast) return 0;
    constexpr double kDayMs = 24.0 * 3'600'000;
    return static_cast<std::int64_t>(static_cast<double>(after - before) * kDayMs /
                                     static_cast<double>((to - from).count()));
}

StorageWatch::StorageWatch(std::filesystem::path database, const Clock& clock,
                           std::function<void()> alsoLook)
    : database_(std::move(database)), clock_(clock), alsoLook_(std::move(alsoLook)) {}

StorageWatch::~StorageWatch() {
    stop();
}

void StorageWatch::start() {
    look();
    thread_.start([this] {
        while (thread_.sleep(kEvery)) {
            if (alsoLook_) alsoLook_();
            look();
        }
    });
}

void StorageWatch::stop() {
    thread_.stop();
}

void StorageWatch::look() {
    const auto database = bytesOfFile(database_);
    const auto wal = bytesOfFile(walOf(database_));
    const auto now = clock_.monotonic();
    std::lock_guard lock(mutex_);
    growth_.add(now, database + wal);
    counters_.databaseBytes = database;
    counters_.walBytes = wal;
    counters_.growthBytesPerDay = growth_.bytesPerDay();
    if (wal <= static_cast<std::int64_t>(limits::kWalBytesWarn)) {
        warned_ = false;
    } else if (!warned_ || now >= warnNext_) {
        warn(now);
    }
}

void StorageWatch::warn(std::chrono::milliseconds now) {
    warned_ = true;
    warnNext_ = now + kWarnAgain;
    ++counters_.walWarnings;
    logger().warn(
        "wal_large bytes={} limit={} advice=\"a reader holds an old snapshot: a backup, a shell?\"",
        counters_.walBytes, limits::kWalBytesWarn);
}

StorageCounters StorageWatch::counters() const {
    std::lock_guard lock(mutex_);
    return counters_;
}

}  // namespace parley
