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

Error refused(const fs::path& folder, const std::string& why) {
    return {ErrorCode::storage_failed, "data folder \"" + folder.string() + "\": " + why};
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
Result<Descriptor> takeLockFile(const fs::path& folder) {
    const auto file = DataFolder::lockIn(folder);
    for (int tries = 0; tries < kTries; ++tries) {
        Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
        if (!lock.isOpen()) {
            return refused(folder, std::string("cannot be locked: ") + std::strerror(errno));
        }
        switch (lockForWriting(lock)) {
            case Taken::owned: return owned(folder);
            case Taken::impossible:
                return refused(folder, std::string("cannot be locked: ") + std::strerror(errno));
            case Taken::yes: break;
        }
        if (lock.isStill(file)) return lock;
    }
    return refused(folder, "cannot be locked: somebody deletes parley.lock again and again");
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

// A folder is there after a power loss only once its parent has been synced.
Result<void> createFolders(const fs::path& folder) {
    std::error_code failed;
    if (fs::is_directory(folder, failed)) return {};
    const auto parent = fs::absolute(folder).lexically_normal().parent_path();
    if (parent != folder) {
        PARLEY_TRY(createFolders(parent));
    }
    if (::mkdir(folder.c_str(), kFolderMode) != 0 && !fs::is_directory(folder, failed)) {
        return Error{
            ErrorCode::storage_failed,
            "folder \"" + folder.string() + "\" cannot be created: " + std::strerror(errno)};
    }
    const Descriptor opened(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.isOpen()) ::fsync(opened.number());
    return {};
}

void makeFileForSqlite(const fs::path& file) {
    // An error here occurs again when SQLite opens the file, which then reports it.
    Descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
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
    PARLEY_TRY(createFolders(folder));
    // Where a file system cannot lock folders, parley.lock is all there is.
    Descriptor whole(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (whole.isOpen() && lockForWriting(whole) == Taken::owned) return owned(folder);
    PARLEY_TRY_ASSIGN(Descriptor lock, takeLockFile(folder));
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock.number(), 0) != 0 ||
        ::pwrite(lock.number(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return refused(folder, std::string("cannot be written: ") + std::strerror(errno));
    }
    return std::unique_ptr<DataFolder>(new DataFolder(folder, std::move(whole), std::move(lock)));
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
