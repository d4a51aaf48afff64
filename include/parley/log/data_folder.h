#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include <parley/core/result.h>

namespace parley {

/// The folder with everything Parley keeps: `parley.db` with its WAL, `parley.head` (HeadWitness),
/// `parley.lock`, and the backups it makes by itself. Whoever holds an object of this class is the
/// only process that writes there: the kernel's lock (flock) goes with the process, however it
/// ends, so a stale lock file never blocks.
class DataFolder {
public:
    /// Creates the folder where there is none and takes its lock. Refuses as
    /// `storage_owned` when another process has it (the message names its pid), and when the
    /// folder cannot be used.
    static Result<std::unique_ptr<DataFolder>> own(const std::filesystem::path& folder);
    ~DataFolder();
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    /// Whether a process owns `folder` just now: a server, or a command that writes there. A look
    /// that takes nothing: an owner that comes in the same moment gets the folder.
    static bool isOwned(const std::filesystem::path& folder);

    /// The database file inside `folder`.
    static std::filesystem::path databaseIn(const std::filesystem::path& folder) {
        return folder / "parley.db";
    }
    /// Bytes that a file in `folder` may still grow by; nothing when the system does not say.
    static std::optional<std::int64_t> freeBytesIn(const std::filesystem::path& folder);
    std::filesystem::path database() const { return databaseIn(folder_); }

private:
    DataFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
    std::filesystem::path folder_;
    int lock_;
};

}  // namespace parley
