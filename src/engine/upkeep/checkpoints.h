#pragma once

#include <parley/core/clock.h>
#include <parley/core/histogram.h>
#include <parley/core/result.h>
#include <parley/engine/engine.h>
#include <parley/engine/options.h>
#include <parley/log/database.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace parley {

/// Which thread copies the WAL back into the database.
enum class CheckpointTurn {
    nobodys,
    writers,        ///< in its commit, unless the other thread is at it
    writersAtOnce,  ///< likewise, and it waits for the other thread
    backgrounds,    ///< a thread's beside the writer
};

/// `pages` are in the WAL after a commit, and `left` of them are not in the database. `free`: as
/// far as the last try showed, no snapshot keeps the rest from being copied. Pure.
CheckpointTurn turnAfterCommit(const CheckpointOptions& options, int pages, int left, bool free);

/// Copies the WAL back into the database, so that the next writes begin it anew.
///
/// While the WAL is small the writer does so inline, within its commits. It becomes large only
/// where an outside snapshot (a backup, a shell) held pages back; when that snapshot ends, copying
/// all of them inside one commit would hold up every request for seconds. So the writer leaves a
/// large WAL to a second connection on a thread of its own, and finishes the little that came
/// meanwhile: docs/decisions/047-checkpoints-beside-the-writer.md.
class Checkpoints {
public:
    /// Opens the second connection. The clock outlives this.
    static Result<std::unique_ptr<Checkpoints>> open(const std::filesystem::path& database,
                                                     const CheckpointOptions& options,
                                                     const Clock& clock);
    /// Stops as `stop` does.
    ~Checkpoints();

    /// Starts the thread. Where one of its checkpoints fails so that the process must not go on
    /// (Database::mustStop), it calls `onLost` once, and copies nothing from then on.
    void start(std::function<void(const Error&)> onLost);
    /// Joins the thread. A copy in work is given up, and made anew when the database is closed.
    /// Idempotent.
    void stop();

    /// After a commit of `writer`: copies back where it is the writer's turn. Fails only where the
    /// process must not go on. REQUIRES: `writer` leaves checkpoints to its caller. The writer's
    /// thread.
    Result<void> afterCommit(Database& writer);

    /// Any thread.
    CheckpointCounters counters() const;

    /// The pause between two tries: short after one that got further, growing to long while a
    /// snapshot holds everything back, and then at least kRestPerWork times what the try took.
    static constexpr std::chrono::milliseconds kRestShort{50};
    static constexpr std::chrono::milliseconds kRestLong{1000};
    static constexpr int kRestPerWork = 10;

private:
    enum class Pass { further, heldBack, lost };

    Checkpoints(std::unique_ptr<Database> db, const CheckpointOptions& options, const Clock& clock)
        : db_(std::move(db)), options_(options), clock_(clock) {}
    void run(const std::function<void(const Error&)>& onLost);
    Pass pass(std::unique_lock<std::mutex>& lock);
    Result<std::optional<WalPages>> copy(Database& db);
    CheckpointTurn noteCommit(int pages);
    bool notePages(const WalPages& found, std::uint64_t generation);
    int left() const { return pages_ - copied_; }
    bool isLarge() const { return pages_ >= options_.backgroundPages && left() > 0; }

    const std::unique_ptr<Database> db_;
    const CheckpointOptions options_;
    const Clock& clock_;
    std::mutex copying_;  // held while either connection copies; taken before mutex_

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    int pages_ = 0;                 // pages in the WAL after the last commit
    int copied_ = 0;                // of them in the database, as the last copy showed
    std::uint64_t generation_ = 0;  // counts the WAL's beginnings
    bool free_ = false;             // the last copy beside the writer got further
    bool waiting_ = false;          // the thread, for a large WAL
    bool stopping_ = false;
    CheckpointCounters counters_;
    std::optional<Error> lost_;  // the thread's
    Histogram durations_;
    std::thread thread_;
};

}  // namespace parley
