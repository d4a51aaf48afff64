#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <sys/types.h>

/// Finds the process that holds a lock in the kernel's /proc/locks. Never opens the files
/// themselves: closing them again would drop SQLite's own locks. Any thread.
namespace parley {

/// A process as /proc shows it. It may end at any moment, and its pid be given to another: for what
/// people are told, never for a decision.
struct LockHolder {
    pid_t pid = 0;        ///< as this process's pid namespace numbers it
    std::string name;     ///< of its program: "sqlite3"; empty where it cannot be seen
    std::string command;  ///< its command line, cut short, on one line; empty likewise
};

/// A lock to look for. POSIX locks cover a range of bytes (fcntl(2)); one that covers `byte`
/// counts.
struct LockSought {
    enum class Kind : std::uint8_t { posix, flock };
    Kind kind = Kind::posix;
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t byte = 0;  ///< of a POSIX lock alone
};

/// The pid that holds `sought` for writing, in the text of /proc/locks; nothing where no such
/// process can be seen, as when it runs in another pid namespace. Some file systems show other
/// device numbers there than stat does: a lock on the same inode of another device counts where
/// there is no better one.
std::optional<pid_t> pidOfWriter(std::istream& locks, const LockSought& sought);

/// The process that holds the write lock of a database in WAL mode, unless it is this one; nothing
/// where nobody does, or it cannot be seen. Reads all of /proc/locks.
std::optional<LockHolder> writeLockHolder(const std::filesystem::path& database);

/// "pid 4711 (sqlite3)", or that no process can be seen.
std::string toText(const std::optional<LockHolder>& holder);

/// The process that holds flock(LOCK_EX) on a file or folder, likewise.
std::optional<LockHolder> flockHolder(const std::filesystem::path& file);

}  // namespace parley
