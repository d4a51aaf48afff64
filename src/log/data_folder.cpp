#include "log/made_file.h"
#include "log/system_errors.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/lock_holder.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace parley {
namespace {

namespace fs = std::filesystem;

// `errno` says why.
Error refused(const fs::path& folder, const std::string& what) {
    const int number = errno;
    return {folderErrorOf(number),
            "data folder \"" + folder.string() + "\": " + what + ": " + std::strerror(number)};
}

fs::path beside(const fs::path& database, const char* suffix) {
    return database.string() + suffix;
}

// The owner's pid; "unknown" where neither the lock file nor the kernel names one.
std::string ownerOf(const fs::path& folder) {
    const Descriptor lock(
        ::open(DataFolder::lockIn(folder).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    char text[32] = {};
    const auto n = lock.isOpen() ? ::pread(lock.number(), text, sizeof text - 1, 0) : 0;
    if (n > 0) return std::string(text, static_cast<std::size_t>(n));
    const auto holder = flockHolder(folder);
    return holder ? std::to_string(holder->pid) : "unknown";
}

Error owned(const fs::path& folder) {
    return {ErrorCode::storage_owned, "data folder \"" + folder.string() +
                                          "\": another Parley owns it (pid " + ownerOf(folder) +
                                          "). Stop that one first, or name another folder"};
}

// isOwned holds the lock for a moment, which must not cost another process the folder.
constexpr int kTries = 100;
constexpr std::chrono::milliseconds kBetweenTries{1};

enum class Taken { yes, owned, impossible };

Taken lockForWriting(const Descriptor& lock) {
    for (int tries = 1; ::flock(lock.number(), LOCK_EX | LOCK_NB) != 0; ++tries) {
        if (errno != EWOULDBLOCK) return Taken::impossible;
        if (tries == kTries) return Taken::owned;
        std::this_thread::sleep_for(kBetweenTries);
    }
    return Taken::yes;
}

// A lock on a file that was deleted or renamed meanwhile keeps no process out.
Result<OpenedFile> takeLockFile(const fs::path& folder) {
    const auto file = DataFolder::lockIn(folder);
    for (int tries = 0; tries < kTries; ++tries) {
        auto opened = openOrMake(file, O_RDWR);
        if (!opened.file.isOpen()) return refused(folder, "cannot be locked");
        switch (lockForWriting(opened.file)) {
            case Taken::owned: return owned(folder);
            case Taken::impossible: return refused(folder, "cannot be locked");
            case Taken::yes: break;
        }
        if (opened.file.isStill(file)) return opened;
    }
    return Error{ErrorCode::storage_failed,
                 "data folder \"" + folder.string() +
                     "\": cannot be locked: somebody deletes parley.lock again and again"};
}

// `made`: gets the folders that were not there, the outermost first. A folder is there after a
// power loss only once its parent has been synced.
Result<void> createMissing(const fs::path& folder, std::vector<fs::path>& made) {
    std::error_code failed;
    if (fs::is_directory(folder, failed)) return {};
    const auto parent = fs::absolute(folder).lexically_normal().parent_path();
    if (parent != folder) {
        PARLEY_TRY(createMissing(parent, made));
    }
    const bool isMade = ::mkdir(folder.c_str(), kFolderMode) == 0;
    if (const int number = errno; !isMade && !fs::is_directory(folder, failed)) {
        const std::string why =
            number == EEXIST ? "a file has its name" : std::string(std::strerror(number));
        return Error{folderErrorOf(number),
                     "folder \"" + folder.string() + "\" cannot be created: " + why};
    }
    if (isMade) {
        made.push_back(folder);
        giveToOwnerOf(parent, Descriptor(::open(folder.c_str(),
                                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)));
    }
    const Descriptor opened(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.isOpen()) ::fsync(opened.number());
    return {};
}

// The locks are the folder's: through another name of the file another process would write too.
Result<void> checkHasOneName(const fs::path& database) {
    struct stat found {};
    if (::lstat(database.c_str(), &found) != 0) return {};
    const auto refuse = [&](const char* why) {
        return Error{ErrorCode::file_refused, "\"" + database.string() + "\" " + why};
    };
    if (S_ISLNK(found.st_mode)) {
        return refuse(
            "is a symbolic link: another Parley could use the same database. Put the database "
            "itself there; the whole folder may be a link");
    }
    if (S_ISREG(found.st_mode) && found.st_nlink > 1) {
        return refuse(
            "has another name, too (a hard link): another Parley could use the same database, and "
            "a copy made by linking would change with it. Replace it by a real copy of itself, or "
            "remove the other name");
    }
    return {};
}

bool isLocked(const Descriptor& lock) {
    return ::flock(lock.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace

fs::path walOf(const fs::path& database) {
    return beside(database, "-wal");
}

fs::path walIndexOf(const fs::path& database) {
    return beside(database, "-shm");
}

fs::path journalOf(const fs::path& database) {
    return beside(database, "-journal");
}

Result<void> removeDatabase(const fs::path& database) {
    for (const auto& file :
         {database, journalOf(database), walOf(database), walIndexOf(database)}) {
        std::error_code failed;
        fs::remove(file, failed);
        if (!failed) continue;
        return Error{ErrorCode::storage_failed,
                     "\"" + file.string() + "\" cannot be removed: " + failed.message()};
    }
    return {};
}

Descriptor::~Descriptor() {
    if (isOpen()) ::close(number_);
}

bool Descriptor::isStill(const fs::path& name) const {
    struct stat named {};
    struct stat held {};
    return ::stat(name.c_str(), &named) == 0 && ::fstat(number_, &held) == 0 &&
           named.st_dev == held.st_dev && named.st_ino == held.st_ino;
}

Result<void> createFolders(const fs::path& folder) {
    std::vector<fs::path> made;
    return createMissing(folder, made);
}

Result<bool> DataFolder::isOwned(const fs::path& folder) {
    const Descriptor lock(
        ::open(DataFolder::lockIn(folder).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!lock.isOpen() && errno != ENOENT && errno != ENOTDIR) {
        return Error{ErrorCode::storage_failed, "\"" + DataFolder::lockIn(folder).string() +
                                                    "\" cannot be read: " + std::strerror(errno)};
    }
    if (lock.isOpen() && isLocked(lock)) return true;
    const Descriptor whole(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return whole.isOpen() && isLocked(whole);
}

Result<std::unique_ptr<DataFolder>> DataFolder::own(const fs::path& folder) {
    std::vector<fs::path> made;
    PARLEY_TRY(createMissing(folder, made));
    // Where a file system cannot lock folders, parley.lock is all there is.
    Descriptor whole(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (whole.isOpen() && lockForWriting(whole) == Taken::owned) return owned(folder);
    PARLEY_TRY(checkHasOneName(databaseIn(folder)));
    PARLEY_TRY_ASSIGN(OpenedFile taken, takeLockFile(folder));
    const std::string pid = std::to_string(::getpid());
    const int lock = taken.file.number();
    if (::ftruncate(lock, 0) != 0 ||
        ::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return refused(folder, "cannot be written");
    }
    std::unique_ptr<DataFolder> own(
        new DataFolder(folder, std::move(whole), std::move(taken.file)));
    if (taken.isMade) own->made_ = std::move(made);
    own->madeLock_ = taken.isMade;
    return own;
}

void DataFolder::takeBack() {
    if (!std::exchange(madeLock_, false)) return;
    ::unlink(lockIn(folder_).c_str());
    for (; !made_.empty(); made_.pop_back()) ::rmdir(made_.back().c_str());
}

void DataFolder::warnOfOthers(const fs::path& folder) {
    const auto warn = [](const fs::path& file) {
        struct stat status {};
        if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 07) == 0) return;
        char mode[8];
        std::snprintf(mode, sizeof mode, "%04o", status.st_mode & 07777);
        logger().warn(
            "data_open_to_others file=\"{}\" mode={} advice=\"chmod o-rwx, unless others than its "
            "user and group shall use it\"",
            file.string(), mode);
    };
    warn(folder);
    for (const auto& file : kFolderFiles) warn(folder / file.name);
}

std::optional<std::int64_t> DataFolder::freeBytesIn(const fs::path& folder) {
    std::error_code failed;
    const auto space = fs::space(folder, failed);
    if (failed) return std::nullopt;
    return static_cast<std::int64_t>(space.available);
}

DataFolder::~DataFolder() = default;

}  // namespace parley
