#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>

namespace parley {

/// Looks now and then how much room the data folder's file system has: warns before it is full, and
/// says when a full one may be tried again. Writer's thread only, where nothing else is said.
class SpaceWatch {
public:
    /// Less than `warnBytes` free is logged once, as `storage_low`; 0: never.
    SpaceWatch(std::filesystem::path folder, std::int64_t warnBytes)
        : folder_(std::move(folder)), warnBytes_(warnBytes) {}

    /// When to look again, on the monotonic clock.
    std::chrono::milliseconds nextLook() const { return nextLook_; }
    void look(std::chrono::milliseconds now);

    /// A transaction found no room: look more often from now on.
    void foundNoRoom(std::chrono::milliseconds now);
    /// A transaction was committed.
    void foundRoom() { full_.store(false, std::memory_order_relaxed); }
    /// Whether the last transaction found no room. Any thread.
    bool full() const { return full_.load(std::memory_order_relaxed); }
    /// Whether the last look saw enough room to try again.
    bool worthTrying() const;
    /// As the last look saw it. Any thread.
    std::int64_t freeBytes() const { return freeBytes_.load(std::memory_order_relaxed); }

private:
    const std::filesystem::path folder_;
    const std::int64_t warnBytes_;
    std::chrono::milliseconds nextLook_{0};
    bool low_ = false;
    std::atomic<std::int64_t> freeBytes_{0};
    std::atomic<bool> full_{false};
};

}  // namespace parley
