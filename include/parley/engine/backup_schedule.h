#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/engine/background_thread.h>
#include <parley/engine/options.h>
#include <parley/log/backup.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace parley {

/// Counters for metrics, since the start of the process.
struct BackupCounters {
    std::uint64_t made = 0;     ///< verified, and in their place
    std::uint64_t failed = 0;   ///< not made, for whatever reason but a stop; each is logged
    std::int64_t position = 0;  ///< of the newest good one made since the start; 0: none yet
    std::int64_t at = 0;        ///< Unix milliseconds at which it was made; 0: none yet
};

/// Makes a verified backup of the database every so often, on a thread of its own with the lowest
/// priority, and keeps the newest few. Their names carry time and position,
/// `parley-2026-01-31T08-15-30-042Z-p000000004711.db`; files of other names are never touched.
/// The newest name says when the next one is due, so that restarts change nothing. A name from the
/// future comes from a clock that went wrong: it puts nothing off, and is removed first. One that
/// fails is logged (`backup_failed`) and tried again after a minute, or after BackupOptions::every
/// where that is shorter; nothing of it is left. docs/backup.md
class BackupSchedule {
public:
    /// The references outlive it. While `clockIsTrusted` says false, backups are made and none is
    /// removed; it is called on the schedule's thread.
    BackupSchedule(
        BackupOptions options, std::filesystem::path database, const Clock& clock,
        std::function<bool()> clockIsTrusted = [] { return true; });
    /// Stops as `stop` does.
    ~BackupSchedule();

    /// Starts the thread; does nothing where BackupOptions::every is 0. Call once. The owner's
    /// thread.
    void start();
    /// Gives up a backup in the making, which leaves nothing behind, and joins the thread.
    /// Idempotent. The owner's thread.
    void stop();
    /// Any thread.
    BackupCounters counters() const;

    /// Makes one now, on the caller's thread, and prunes. Makes the folder where it is missing.
    /// Refuses as backUpAs does, and counts that as failed. When it returns, the backup is on the
    /// disk. REQUIRES: the thread does not run.
    Result<CopyReport> backUpNow();
    /// When the next one is due, by the wall clock; now: one is overdue, or there is none yet.
    /// Lists the folder. Throws std::filesystem::filesystem_error where that fails half way.
    UnixMillis nextDue() const;

private:
    void run();
    void noteFailure(std::string_view why);
    void prune() const;
    bool waitUntilDue(std::chrono::milliseconds atLeast);

    const BackupOptions options_;
    const std::filesystem::path database_;
    const Clock& clock_;
    const std::function<bool()> clockIsTrusted_;
    std::atomic<std::uint64_t> made_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::int64_t> position_{0};
    std::atomic<std::int64_t> at_{0};
    BackgroundThread thread_;  // stops before the rest goes
};

}  // namespace parley
