#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace parley {

/// Which file it is, whatever its name: stat(2)'s device and inode.
struct FileId {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const FileId&) const = default;
};

/// Compares the files that a server has open with what now has their names. A database that was
/// deleted or replaced takes every commit without an error, and nobody will ever find what it took:
/// the server must stop. Opens nothing: it asks the descriptors that SQLite and DataFolder hold.
/// One thread at a time.
class FileWatch {
public:
    /// Notes the database of `db`, its WAL, the WAL's index, and `parley.lock` in `folder`. Refuses
    /// as `storage_failed` where one of them is not the file that is open.
    /// REQUIRES: this process owns `folder`; `db` is in WAL mode, has read or written, and stays
    /// open as long as this.
    static Result<std::unique_ptr<FileWatch>> open(Database& db,
                                                   const std::filesystem::path& folder);
    /// Likewise of any database, called `file`: that, its WAL and the WAL's index.
    static Result<std::unique_ptr<FileWatch>> openFor(Database& db,
                                                      const std::filesystem::path& file);

    /// What has happened to one of the files, in a sentence; nothing while all is well. Also finds
    /// a database that was overwritten in place or cut short, as far as its first bytes and its
    /// size tell. An answer is final: the files of the server are no longer those of the folder.
    /// Costs a few system calls, and 20 ms more where something looks wrong, to look again.
    std::optional<std::string> harm();

private:
    struct Watched {
        std::filesystem::path file;
        FileId id;
        int descriptor = -1;  ///< of SQLite or DataFolder, open on the same file
    };
    /// What SQLite's file header says, and how large the file is.
    struct Shape {
        bool isMarked = false;      ///< as the schema's
        std::uint32_t changes = 0;  ///< counts up whenever the header is written
        std::int64_t bytes = 0;
    };

    explicit FileWatch(const Schema& schema) : schema_(schema) {}
    static Result<std::unique_ptr<FileWatch>> watch(
        Database& db, const std::vector<std::filesystem::path>& files);
    std::optional<Shape> shape() const;
    std::optional<std::string> overwritten();

    const Schema& schema_;
    std::vector<Watched> watched_;  // the database first
    Shape last_;
};

}  // namespace parley
