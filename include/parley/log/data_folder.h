#pragma once

#include <parley/core/result.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace parley {

/// A file descriptor that closes itself. Move-only; -1: none is open. One thread at a time.
class Descriptor {
public:
    /// Takes over `number`, also a negative one, which says that opening failed.
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    /// For system calls; stays this object's. -1: none is open.
    int number() const { return number_; }
    bool isOpen() const { return number_ >= 0; }
    /// Whether the file called `name` is the one that is open here, by device and inode. False also
    /// where `name` cannot be looked at.
    bool isStill(const std::filesystem::path& name) const;

private:
    int number_;
};

/// What a file of the data folder is for.
enum class FileUse : std::uint8_t {
    data,   ///< holds what cannot be had from another file: a database, its WAL, its journal
    index,  ///< SQLite's index of a WAL, made anew at every start
    note,   ///< says how far the log had come
    lock,   ///< keeps other processes out; empty but for its owner's pid
};

/// One file of the data folder.
struct FolderFile {
    std::string_view name;  ///< inside the folder
    FileUse use;
    /// Whether a start makes it anew where it is missing: losing it loses nothing.
    bool rebuildable;
};

/// The files of the data folder, the database first. Others there are backups, or somebody else's.
inline constexpr std::array kFolderFiles{
    FolderFile{"parley.db", FileUse::data, false},
    FolderFile{"parley.db-wal", FileUse::data, false},
    FolderFile{"parley.db-journal", FileUse::data, false},
    FolderFile{"parley.db-shm", FileUse::index, true},
    FolderFile{"parley.head", FileUse::note, false},
    FolderFile{"parley.lock", FileUse::lock, true},
    FolderFile{"cluster.run", FileUse::note, true},
    FolderFile{"audit.db", FileUse::data, true},
    FolderFile{"audit.db-wal", FileUse::data, true},
    FolderFile{"audit.db-journal", FileUse::data, true},
    FolderFile{"audit.db-shm", FileUse::index, true},
};

/// The names of the files that SQLite keeps beside any database, whether or not they are there: its
/// write-ahead log, that log's index in shared memory, and the rollback journal. Any thread.
std::filesystem::path walOf(const std::filesystem::path& database);
std::filesystem::path walIndexOf(const std::filesystem::path& database);
std::filesystem::path journalOf(const std::filesystem::path& database);

/// Removes a database and what SQLite keeps beside it, the database first: SQLite takes no WAL for
/// that of a new database. Nothing happens where none is there. Refuses with `storage_failed`; some
/// of the files may be gone then. Connections that have them open keep what they had. Any thread.
Result<void> removeDatabase(const std::filesystem::path& database);

/// The folder with everything Parley keeps. The process that holds an object of this class is the
/// only one that writes there: the kernel's locks (flock) go with the process, however it ends, so
/// a stale lock file never blocks. There are two of them: on `parley.lock`, which also tells the
/// owner's pid, and on the folder itself, as a lock file can be deleted and made anew. Any thread.
class DataFolder {
public:
    /// Creates the folder where there is none, for its user and group alone, and takes its locks.
    /// Refuses as `storage_owned` when another process has one (the message names its pid), as
    /// `file_refused` where it may not be used, something else has its name or its database is a
    /// link, as `storage_full` and as `storage_failed`. Waits a tenth of a second for a process
    /// that only looks (isOwned). The locks are let go of when the object is destroyed.
    static Result<std::unique_ptr<DataFolder>> own(const std::filesystem::path& folder);
    ~DataFolder();
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    /// Whether a process owns `folder` at this moment: a server, or a command that writes there.
    /// Takes nothing: an owner that comes in the same moment gets the folder. Refuses as
    /// `storage_failed` where `parley.lock` may not be read, so that nobody can tell.
    static Result<bool> isOwned(const std::filesystem::path& folder);

    /// Removes parley.lock and the folders that `own` made, if nothing else is in them: for
    /// commands that failed to put something there. The locks are held as before.
    void takeBack();

    /// Files inside `folder`, by name alone: none is looked at.
    static std::filesystem::path databaseIn(const std::filesystem::path& folder) {
        return folder / "parley.db";
    }
    static std::filesystem::path auditIn(const std::filesystem::path& folder) {
        return folder / "audit.db";
    }
    static std::filesystem::path lockIn(const std::filesystem::path& folder) {
        return folder / "parley.lock";
    }
    static std::filesystem::path headNoteIn(const std::filesystem::path& folder) {
        return folder / "parley.head";
    }
    /// Bytes that are free for this user on the file system of `folder`; nothing where the system
    /// does not say. Quotas and RLIMIT_FSIZE are not looked at.
    static std::optional<std::int64_t> freeBytesIn(const std::filesystem::path& folder);
    std::filesystem::path database() const { return databaseIn(folder_); }

    /// Logs `data_open_to_others` for the folder and for each of its files that users beside its
    /// owner and group may use. Changes nothing: it may be meant.
    static void warnOfOthers(const std::filesystem::path& folder);

private:
    DataFolder(std::filesystem::path folder, Descriptor whole, Descriptor lock)
        : folder_(std::move(folder)), whole_(std::move(whole)), lock_(std::move(lock)) {}
    std::filesystem::path folder_;
    Descriptor whole_;  // the folder
    Descriptor lock_;   // parley.lock
    bool madeLock_ = false;
    std::vector<std::filesystem::path> made_;  // folders, the outermost first
};

/// The modes of what this process makes: nothing for users beside its own and its group. The umask
/// takes away more.
inline constexpr unsigned kFolderMode = 0750;
inline constexpr unsigned kFileMode = 0640;

/// Makes an empty file of kFileMode for SQLite, which would give more to other users. A file that
/// is there stays as it is. A failure is not told: SQLite then fails to open the file, and says
/// why. REQUIRES: this process has not opened it: closing it here would drop SQLite's locks.
void makeFileForSqlite(const std::filesystem::path& file);

/// Makes `folder` and the folders above it where they are missing, of kFolderMode, and syncs the
/// folders that hold them, so that they are still there after a power loss. Refuses with
/// `file_refused`, `storage_full` or `storage_failed`. Any thread.
Result<void> createFolders(const std::filesystem::path& folder);

}  // namespace parley
