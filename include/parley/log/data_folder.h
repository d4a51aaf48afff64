#pragma once

#include <parley/core/result.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

namespace parley {

/// A file descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    int number() const { return number_; }
    bool isOpen() const { return number_ >= 0; }
    /// Whether the file called `name` is the one that is open here.
    bool isStill(const std::filesystem::path& name) const;

private:
    int number_;
};

/// The folder with everything Parley keeps: `parley.db` with its WAL, `parley.head` (HeadWitness),
/// `parley.lock`, and the backups it makes by itself. Whoever holds an object of this class is the
/// only process that writes there: the kernel's locks (flock) go with the process, however it
/// ends, so a stale lock file never blocks. There are two of them: on `parley.lock`, which also
/// tells the owner's pid, and on the folder itself, as a lock file can be deleted and made anew.
class DataFolder {
public:
    /// Creates the folder where there is none, for its user and group alone, and takes its locks.
    /// Refuses as `storage_owned` when another process has one (the message names its pid), and
    /// when the folder cannot be used.
    static Result<std::unique_ptr<DataFolder>> own(const std::filesystem::path& folder);
    ~DataFolder();
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    /// Whether a process owns `folder` just now: a server, or a command that writes there. A look
    /// that takes nothing: an owner that comes in the same moment gets the folder. Refuses as
    /// `storage_failed` where `parley.lock` may not be read, so that nobody can tell.
    static Result<bool> isOwned(const std::filesystem::path& folder);

    /// The database file inside `folder`.
    static std::filesystem::path databaseIn(const std::filesystem::path& folder) {
        return folder / "parley.db";
    }
    /// Bytes that a file in `folder` may still grow by; nothing when the system does not say.
    static std::optional<std::int64_t> freeBytesIn(const std::filesystem::path& folder);
    std::filesystem::path database() const { return databaseIn(folder_); }

    /// Logs `data_open_to_others` for the folder and each of its files that others than its user
    /// and group may use: what is there is left as it is, somebody may have meant it so.
    static void warnOfOthers(const std::filesystem::path& folder);

private:
    DataFolder(std::filesystem::path folder, Descriptor whole, Descriptor lock)
        : folder_(std::move(folder)), whole_(std::move(whole)), lock_(std::move(lock)) {}
    std::filesystem::path folder_;
    Descriptor whole_;  // the folder
    Descriptor lock_;   // parley.lock
};

/// What others than the user and the group of this process may do with what it makes: nothing.
/// The umask takes away more.
inline constexpr unsigned kFolderMode = 0750;
inline constexpr unsigned kFileMode = 0640;

/// Makes an empty file of kFileMode for SQLite, which gives more to others; one that is there
/// stays as it is. REQUIRES: this process has not opened it, or closing it drops SQLite's locks.
void makeFileForSqlite(const std::filesystem::path& file);

/// Makes the folders that `folder` needs, of kFolderMode, and syncs what holds them.
Result<void> createFolders(const std::filesystem::path& folder);

}  // namespace parley
