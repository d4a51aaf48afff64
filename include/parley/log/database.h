#pragma once

#include <parley/core/result.h>
#include <parley/log/schema.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

namespace parley {

/// When a commit returns. `full`: once it is on the disk, as Parley promises of the log. `normal`:
/// sooner, and a power loss may take the last commits, as a whole: for files that can be built
/// anew, and for the test that shows the difference (tests/faults). No setting.
enum class Synchronous { full, normal };

/// The Result that Database::query gives for work that returns a T or a Result<T>.
template <typename T>
struct AsResult {
    using Type = Result<T>;
};
template <typename T>
struct AsResult<Result<T>> {
    using Type = Result<T>;
};

/// How far the WAL has been copied back into the database file.
struct WalPages {
    int held = 0;    ///< pages in the WAL
    int copied = 0;  ///< of them, from its beginning, in the database file too
};

/// One connection to the database file, with Parley's pragmas. One thread at a time, where nothing
/// else is said; SQLite's own mutexes are off. The statements made from a connection are destroyed
/// before it. The file is never opened but through SQLite: opening and closing it by any other
/// descriptor in this process would drop SQLite's locks on it (sqlite.org/howtocorrupt.html, 2.2).
class Database {
public:
    /// The one writing connection of the process that owns the data folder. Creates the file where
    /// there is none. Refuses as `storage_damaged` what is damaged, not of `schema` or of a newer
    /// one; file and WAL are left as they are, byte for byte. Further refusals: `storage_full`,
    /// `busy` where another process holds the write lock for longer than kWriteLockWait,
    /// `not_found` where the file cannot be opened, `file_refused` where it may not be written,
    /// `storage_failed`. Migrates nothing. `schema` outlives the connection.
    static Result<std::unique_ptr<Database>> openWriter(const std::filesystem::path& file,
                                                        Synchronous synchronous = Synchronous::full,
                                                        const Schema& schema = logSchema());
    /// A read-only connection. It sees each commit as soon as it is made. Permission to read is
    /// enough: where there is no WAL, and none can be made, the file is read as one that nobody
    /// changes (SQLite's `immutable`), if no process owns its folder; see wasUndisturbed. Only a
    /// file whose first process was killed before it had a WAL is written to: what was begun is
    /// undone, as the next writer would, or refused with `file_refused` where the user may not.
    /// Refuses with `not_found` where the file cannot be opened, and as openWriter does what is
    /// damaged or not of `schema`, but takes any version of it.
    static Result<std::unique_ptr<Database>> openReader(const std::filesystem::path& file,
                                                        const Schema& schema = logSchema());
    /// A connection for `checkpoint` alone, beside the writing one: it never writes to the WAL.
    /// REQUIRES: openWriter has opened the database.
    static Result<std::unique_ptr<Database>> openForCheckpoints(const std::filesystem::path& file,
                                                                const Schema& schema = logSchema());
    /// A private database in memory, empty and without Parley's pragmas. Gone with the connection.
    static Result<std::unique_ptr<Database>> openInMemory();

    /// Closes the connection; an open transaction is rolled back.
    ~Database();
    /// The connection itself: for `log` and `projection`, and for tables of the caller's own.
    SQLite::Database& sqlite() { return sqlite_; }
    /// What it was opened with.
    const Schema& schema() const { return schema_; }

    /// Lets closing the file move the WAL into it. Call once the file passed its start-up checks:
    /// until then closing leaves both as they were found. The WAL and its index stay beside the
    /// file, as a process that may only read cannot make them.
    void allowCheckpointAtClose();
    /// Lets the last connection that closes the file remove them. For files that are to stand
    /// alone.
    void removeWalAtClose();

    /// Whether what was read since openReader can be relied on: refuses with `busy` where the file
    /// was read as one that nobody changes, but a process has come to own its folder since.
    Result<void> wasUndisturbed() const;

    /// Writes the WAL's bytes once more and syncs them. Call it before the first new transaction of
    /// a process: a sync that failed in the process before may have made the system forget what was
    /// not stored, while reading still shows it, and the next events would then be acknowledged
    /// behind a gap on the disk. Takes the write lock meanwhile; refuses as `begin` and `run` do.
    /// What the WAL held is on the disk when it returns. REQUIRES: no transaction is open.
    Result<void> writeWalAgain();

    /// Runs `work` and turns SQLite's exceptions into errors: `storage_full` when the disk has
    /// no room, `storage_damaged` when the file cannot be what was written, `read_timeout` when
    /// interruptWhen cut it off, `busy` when another process holds a lock, `storage_failed` for
    /// everything else. Logs the last kind and damage as `storage_error`: the one place that does,
    /// so callers pass the error on. What `work` did before the exception stays done: where it
    /// writes, the caller has opened a transaction, and rolls it back. Exceptions of other kinds
    /// pass through.
    Result<void> run(const std::function<void()>& work);
    /// Likewise, for work that returns what it read: a T, or a Result<T> where it refuses what it
    /// reads. Gives a Result<T> either way. For a read of several statements that must be of one
    /// moment, keep the first one stepped and not reset: it holds the snapshot.
    template <typename Work>
    auto query(Work&& work) -> typename AsResult<std::invoke_result_t<Work&>>::Type {
        try {
            return work();
        } catch (const SQLite::Exception& error) {
            return failed(error, false);
        }
    }

    /// BEGIN IMMEDIATE: a read transaction that upgrades later can fail for good. Waits
    /// kWriteLockWait for another process that writes, then refuses with `busy`. REQUIRES: a
    /// writing connection without an open transaction.
    Result<void> begin();
    /// Whether `begin` would succeed now, without waiting. REQUIRES: no transaction is open.
    bool isWritable();
    /// Ends the open transaction. When it returns, what was written is on the disk, under
    /// Synchronous::full: a power loss cannot take it. After an error with `mustStop` nobody can
    /// tell whether it was committed; after any other it was not, and `rollback` follows.
    Result<void> commit();
    /// Undoes the open transaction; harmless when SQLite has rolled back by itself, or none is
    /// open.
    void rollback();

    /// Copies as much of the WAL into the database file as readers' snapshots allow, and waits for
    /// none of them (SQLite's PASSIVE checkpoint). Syncs the WAL before and the database after.
    /// Returns nothing where another connection is running a checkpoint. Refuses with
    /// `storage_full` where the database cannot grow: the pages stay in the WAL.
    Result<std::optional<WalPages>> checkpoint();
    /// Makes a `checkpoint` that another thread runs end soon with an error. Any thread.
    void interrupt();
    /// From now on commits only count the WAL's pages. Before, each commit that leaves 1,000 of
    /// them or more runs a checkpoint.
    void leaveCheckpointsToCaller();
    /// Pages, of 4 KiB, in the WAL after this connection's last commit that wrote, since
    /// leaveCheckpointsToCaller; 0 before the first.
    int walPages() const { return walPages_; }

    /// From now on every statement of this connection asks `interrupted` once in kInterruptCheckOps
    /// of SQLite's steps and before each page that it reads from the file, far less than a
    /// millisecond of work, and ends with `read_timeout` once it says true. It bounds how long a
    /// read can hold its snapshot, and with it the WAL. `interrupted` must be cheap; it is called
    /// on the connection's thread, and lives as long as the connection. REQUIRES: a reader: a write
    /// that is cut off would leave its transaction half done.
    void interruptWhen(std::function<bool()> interrupted);
    /// What interruptWhen asks: for a second connection that shares this one's limit. Its thread.
    bool isInterrupted() const { return interrupted_ && interrupted_(); }

    /// Whether an error was seen after which the process must not go on: the disk may hold less,
    /// or more, than SQLite said (I/O errors, corruption: a failed COMMIT may yet come back), or
    /// an invariant of the log failed (a constraint). Stays true.
    bool mustStop() const { return mustStop_; }

private:
    Database(const std::string& file, int flags, const Schema& schema, const char* vfs = nullptr);
    Result<void> mark(const std::filesystem::path& file);
    void setWriterPragmas(Synchronous synchronous);
    Error failed(const SQLite::Exception& error, bool committing);
    static int askWhetherInterrupted(void* database);
    static int countWalPages(void* database, sqlite3* handle, const char* name, int pages);

    static Result<std::unique_ptr<Database>> openReaderAs(const std::filesystem::path& file,
                                                          const std::string& name, int flags,
                                                          const Schema& schema);

    std::function<bool()> interrupted_;  // outlives the connection that calls it
    const Schema& schema_;
    SQLite::Database sqlite_;
    bool mustStop_ = false;
    int walPages_ = 0;
    bool checkpointsAtClose_ = false;
    std::filesystem::path immutable_;  // the file, where it is read as one that nobody changes
};

/// Runs `work` as Database::run does, where there is no connection yet to note the error. Any
/// thread.
Result<void> guarded(const std::function<void()>& work);

/// How long a writer waits for the write lock: a person's sqlite3 shell may hold it for a moment.
inline constexpr std::chrono::milliseconds kWriteLockWait{1000};

/// How many of its steps SQLite takes between two looks at interruptWhen.
inline constexpr int kInterruptCheckOps = 1000;

/// "PRLY": marks a file as Parley's (PRAGMA application_id).
inline constexpr int kApplicationId = 0x50524C59;

}  // namespace parley
