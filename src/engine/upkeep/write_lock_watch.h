#pragma once

#include <parley/core/warnings.h>

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace parley {

/// Remembers whether another process holds the database's write lock, such as a shell with an open
/// transaction. Names that process in the log and in the warnings, and logs when the lock is free
/// again. Writer's thread only.
class WriteLockWatch {
public:
    /// `warnings` outlives it.
    WriteLockWatch(std::filesystem::path database, Warnings& warnings)
        : database_(std::move(database)), warnings_(warnings) {}

    /// A transaction was given up because of the lock.
    void foundHeld(std::chrono::milliseconds now);
    /// A transaction could begin.
    void foundFree();
    bool isHeld() const { return held_; }
    /// While it is held: when to look again, on the monotonic clock.
    std::chrono::milliseconds nextLook() const { return nextLook_; }

    static constexpr std::chrono::milliseconds kLookEvery{1000};
    static constexpr std::chrono::minutes kLogEvery{1};  ///< while it stays held

private:
    std::filesystem::path database_;
    Warnings& warnings_;
    bool held_ = false;
    std::chrono::milliseconds nextLook_{0};
    std::chrono::milliseconds nextLog_{0};
};

}  // namespace parley
