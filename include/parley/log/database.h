#pragma once

#include <parley/core/result.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

namespace parley {

/// When a commit returns. `full`: once it is on the disk, as Parley promises. `normal`: sooner;
/// a power loss then takes what had been acknowledged. It exists for the test that shows the
/// difference (tests/faults), and is no setting.
enum class Synchronous { full, normal };

/// How far the WAL has been copied back into the database file.
struct WalPages {
    int held = 0;    ///< pages in the WAL
    int copied = 0;  ///< of them, from its beginning, in the database file too
};

/// One connection to the database file, with Parley's pragmas. One thread at a time.
/// The file is never opened but through SQLite: opening and closing it by any other descriptor
/// in this process would drop SQLite's locks on it.
class Database {
public:
    /// Creates the file where there is none. The one writing connection of the process that
    /// owns the data folder. What is damaged, not Parley's or of a newer schema is refused as
    /// `storage_damaged`; file and WAL are left as they are, byte for byte.
    static Result<std::unique_ptr<Database>> openWriter(
        const std::filesystem::path& file, Synchronous synchronous = Synchronous::full);
    /// A read-only connection. It sees each commit as soon as it is made. Permission to read is
    /// enough: where there is no WAL, and none can be made, the file is read as one that nobody
    /// changes (SQLite's `immutable`), if no process owns its folder; see wasUndisturbed. Refuses
    /// with `not_found` where the file cannot be opened, and what is damaged or not Parley's as
    /// openWriter does.
    static Result<std::unique_ptr<Database>> openReader(const std::filesystem::path& file);
    /// A connection for `checkpoint` alone, beside the writing one: it never writes to the WAL. The
    /// database must be there and have been opened by openWriter.
    static Result<std::unique_ptr<Database>> openForCheckpoints(const std::filesystem::path& file);
    /// A private database in memory, for building projections beside the live ones.
    static Result<std::unique_ptr<Database>> openInMemory();

    ~Database();
    SQLite::Database& sqlite() { return sqlite_; }

    /// A writer's file has been checked: from now on closing it moves the WAL into it. Until then
    /// closing leaves both as they were found. The WAL and its index stay beside the file, as who
    /// may only read cannot make them.
    void accept();
    /// The other way round: whoever closes the file last removes them. For files that are to stand
    /// alone.
    void removeWalAtClose();

    /// Whether what was read since openReader can be relied on: refuses with `busy` where the file
    /// was read as one that nobody changes, and a process has come to own its folder since.
    Result<void> wasUndisturbed() const;

    /// Writes the WAL's bytes once more and syncs them. A sync that failed may have made the system
    /// forget what was not stored, while reading still shows it: the next events would then be
    /// acknowledged behind a gap on the disk. Before the first new transaction of a process.
    Result<void> storeWalAgain();

    /// Runs `work` and turns SQLite's exceptions into errors: `storage_full` when the disk has
    /// no room, `storage_damaged` when the file cannot be what was written, `read_timeout` when
    /// interruptWhen cut it off, `busy` when another process holds a lock, `storage_failed` for
    /// everything else.
    Result<void> run(const std::function<void()>& work);
    /// Likewise, for work that returns what it read.
    template <typename Work>
    auto query(Work&& work) -> Result<std::invoke_result_t<Work&>> {
        try {
            return work();
        } catch (const SQLite::Exception& error) {
            return note(error, false);
        }
    }

    /// BEGIN IMMEDIATE: a read transaction that upgrades later can fail for good. Waits
    /// kWriteLockWait for another process that writes, then refuses with `busy`.
    Result<void> begin();
    /// Whether it could begin now, without waiting.
    bool isWritable();
    Result<void> commit();
    /// Undoes what is open; harmless when SQLite has rolled back by itself.
    void rollback();

    /// Copies of the WAL into the database file what no reader's snapshot forbids, and waits for
    /// nobody (SQLite's PASSIVE checkpoint). The WAL is synced before, the database after. Nothing
    /// where another connection is at it. Refuses with `storage_full` where the database cannot
    /// grow: the pages stay in the WAL.
    Result<std::optional<WalPages>> checkpoint();
    /// Makes a `checkpoint` that runs in another thread end soon with an error. Any thread.
    void interrupt();
    /// From now on commits only count the WAL's pages; else each that leaves 1,000 of them or more
    /// runs a checkpoint.
    void leaveCheckpointsToCaller();
    /// Pages in the WAL after this connection's last commit, since leaveCheckpointsToCaller.
    int walPages() const { return walPages_; }

    /// From now on every statement of this connection asks `interrupted` now and then (each
    /// kInterruptCheckOps of SQLite's steps, far less than a millisecond of work) and ends with
    /// `read_timeout` once it says true: bounds how long a read can hold its snapshot, and with it
    /// the WAL. Must be cheap; called on the connection's thread.
    void interruptWhen(std::function<bool()> interrupted);

    /// Whether an error was seen after which the process must not go on: the disk may hold less,
    /// or more, than SQLite said (I/O errors, corruption: a failed COMMIT may yet come back), or
    /// an invariant of the log failed (a constraint).
    bool mustStop() const { return mustStop_; }

private:
    Database(const std::string& file, int flags, const char* vfs = nullptr);
    Error note(const SQLite::Exception& error, bool committing);
    static int askWhetherInterrupted(void* database);
    static int countWalPages(void* database, sqlite3* handle, const char* name, int pages);

    static Result<std::unique_ptr<Database>> openReaderAs(const std::filesystem::path& file,
                                                          const std::string& name, int flags);

    std::function<bool()> interrupted_;  // outlives the connection that calls it
    SQLite::Database sqlite_;
    bool mustStop_ = false;
    int walPages_ = 0;
    bool accepted_ = false;
    std::filesystem::path immutable_;  // the file, where it is read as one that nobody changes
};

/// Runs `work` as Database::run does, where no connection is there to take note of the error.
Result<void> guarded(const std::function<void()>& work);

/// A person's sqlite3 shell may hold the lock for a moment.
inline constexpr std::chrono::milliseconds kWriteLockWait{1000};

/// How many of its steps SQLite takes between two looks at interruptWhen.
inline constexpr int kInterruptCheckOps = 1000;

/// "PRLY": marks a file as Parley's (PRAGMA application_id).
inline constexpr int kApplicationId = 0x50524C59;

}  // namespace parley
