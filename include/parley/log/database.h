#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include <parley/core/result.h>

namespace parley {

/// One connection to the database file, with Parley's pragmas. One thread at a time.
/// The file is never opened but through SQLite: opening and closing it by any other descriptor
/// in this process would drop SQLite's locks on it.
class Database {
public:
    /// Creates the file where there is none. The one writing connection of the process that
    /// owns the data folder. A file that is not Parley's is refused and left as it is.
    static Result<std::unique_ptr<Database>> openWriter(const std::filesystem::path& file);
    /// A read-only connection. It sees each commit as soon as it is made.
    static Result<std::unique_ptr<Database>> openReader(const std::filesystem::path& file);
    /// A private database in memory, for building projections beside the live ones.
    static Result<std::unique_ptr<Database>> openInMemory();

    SQLite::Database& sqlite() { return sqlite_; }

    /// Runs `work` and turns SQLite's exceptions into errors: `storage_full` when the disk has
    /// no room, `storage_failed` for everything else.
    Result<void> run(const std::function<void()>& work);

    /// BEGIN IMMEDIATE: a read transaction that upgrades later can fail for good.
    Result<void> begin();
    Result<void> commit();
    /// Undoes what is open; harmless when SQLite has rolled back by itself.
    void rollback();

    /// Whether an error was seen after which the process must not go on: the disk may hold less,
    /// or more, than SQLite said (I/O errors, corruption: a failed COMMIT may yet come back), or
    /// an invariant of the log failed (a constraint).
    bool mustStop() const { return mustStop_; }

private:
    Database(const std::string& file, int flags);
    Error toError(const SQLite::Exception& error);

    SQLite::Database sqlite_;
    bool mustStop_ = false;
};

/// "PRLY": marks a file as Parley's (PRAGMA application_id).
inline constexpr int kApplicationId = 0x50524C59;

}  // namespace parley
