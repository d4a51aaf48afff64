#pragma once

#include <parley/core/result.h>
#include <parley/log/data_folder.h>

#include <filesystem>

namespace parley {

/// Refuses with `file_refused` where `folder` has a database, or anything left of one that a new
/// one would be taken together with. Reads nothing. Any thread.
Result<void> checkHoldsNoDatabase(const std::filesystem::path& folder);

/// A database file that is written under another name beside its place, and put there once it is
/// whole: whenever the machine stops, the folder has no database or all of it. What was not put
/// there is removed with this object. One thread.
class NewFile {
public:
    /// REQUIRES: this process owns `folder`, and makes one new file there at a time.
    explicit NewFile(const DataFolder& folder);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// Where it is written.
    const std::filesystem::path& part() const { return part_; }
    /// Syncs the file and gives it its name. Refuses as `storage_failed` or `storage_full`; then
    /// nothing has that name. REQUIRES: nothing has the file open, and it stands alone, without a
    /// WAL.
    Result<void> moveIntoPlace();

private:
    std::filesystem::path part_;
    std::filesystem::path place_;
};

}  // namespace parley
