#pragma once

#include <parley/core/clock.h>
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

/// Whose turn it is to copy the WAL back into the database.
enum class CheckpointTurn {
    nobodys,
    writers,        ///< in its commit, unless the other thread is at it
    writersAtOnce,  ///< likewise, and it waits for the other thread
    backgrounds,    ///< a thread's beside the writer
};

/// `pages` are in the WAL after a commit, `left` of them not in the database. `free`: no snapshot
/// keeps the rest from being copied, as far as the last try showed. Pure.
CheckpointTurn turnAfterCommit(const CheckpointOptions& options, int pages, int left, bool free);

/// Copies the WAL back into the database, so that the next writes begin it anew.
///
/// While it is small the writer does so inline, within its commits. Large it becomes only where an
/// outside snapshot (a backup, a shell) held pages back; when that one ends, copying all of them
/// inside one commit would hold everybody up for seconds. So the writer leaves a large WAL to a
/// second connection on a thread of its own, and finishes the little that came meanwhile:
/// docs/decisions/047-checkpoints-beside-the-writer.md.
class Checkpoints {
public:
    /// Opens the second connection. The clock outlives this.
    static Result<std::unique_ptr<Checkpoints>> open(const std::filesystem::path& database,
                                                     const CheckpointOptions& options,
                                                     const Clock& clock);
    /// Stops as `stop` does.
    ~Checkpoints();

    /// Starts the thread. It calls `onLost`, once, when a checkpoint of its failed so that the
    /// process must not go on (Database::mustStop), and copies nothing any more.
    void start(std::function<void(const Error&)> onLost);
    /// Ends the thread; a copy in work is given up, and made anew when the database is closed.
    void stop();

    /// `writer` has committed, and leaves checkpoints to its caller: copies back where it is the
    /// writer's turn. Fails only where the process must not go on. The writer's thread.
    Result<void> afterCommit(Database& writer);

    /// Any thread.
    CheckpointCounters counters() const;

    /// Between two tries: the first after one that got further, the last while a snapshot keeps
    /// everything back; never less than kRestPerWork times what the try took.
    static constexpr std::chrono::milliseconds kRestShort{50};
    static constexpr std::chrono::milliseconds kRestLong{1000};
    static constexpr int kRestPerWork = 10;

private:
    enum class Pass { further, heldBack, lost };

    Checkpoints(std::unique_ptr<Database> db, const CheckpointOptions& options, const Clock& clock)
        : db_(std::move(db)), options_(options), clock_(clock) {}
    void run(const std::function<void(const Error&)>& onLost);
    Pass pass(std::unique_lock<std::mutex>& lock);
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
    int pages_ = 0;                 // in the WAL after the last commit
    int copied_ = 0;                // of them in the database, as the last copy showed
    std::uint64_t generation_ = 0;  // counts the WAL's beginnings
    bool free_ = false;             // the last copy beside the writer got further
    bool waiting_ = false;          // the thread, for a large WAL
    bool stopping_ = false;
    CheckpointCounters counters_;
    std::optional<Error> lost_;  // the thread's
    std::thread thread_;
};

}  // namespace parley
