#include <parley/log/data_folder.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace parley {
namespace {

Error refused(const std::filesystem::path& folder, const std::string& why) {
    return {ErrorCode::storage_failed, "data folder \"" + folder.string() + "\": " + why};
}

// A folder is there after a power loss only once its parent has been synced.
Result<void> create(const std::filesystem::path& folder) {
    std::error_code failed;
    if (std::filesystem::is_directory(folder, failed)) return {};
    const auto parent = std::filesystem::absolute(folder).lexically_normal().parent_path();
    if (parent != folder) {
        if (auto above = create(parent); !above) return above;
    }
    std::filesystem::create_directory(folder, failed);
    if (failed) return refused(folder, "cannot be created: " + failed.message());
    const int opened = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened >= 0) {
        ::fsync(opened);
        ::close(opened);
    }
    return {};
}

std::string ownerOf(int lock) {
    char text[32] = {};
    const auto n = ::pread(lock, text, sizeof text - 1, 0);
    return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : "unknown";
}

// isOwned holds the lock for a moment, which must not cost anybody the folder.
constexpr int kTries = 10;
constexpr std::chrono::milliseconds kBetweenTries{10};

bool lockForWriting(int lock) {
    for (int tries = 1; ::flock(lock, LOCK_EX | LOCK_NB) != 0; ++tries) {
        if (tries == kTries) return false;
        std::this_thread::sleep_for(kBetweenTries);
    }
    return true;
}

}  // namespace

bool DataFolder::isOwned(const std::filesystem::path& folder) {
    const auto file = folder / "parley.lock";
    const int lock = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock < 0) return false;
    const bool owned = ::flock(lock, LOCK_SH | LOCK_NB) != 0;
    ::close(lock);
    return owned;
}

Result<std::unique_ptr<DataFolder>> DataFolder::own(const std::filesystem::path& folder) {
    if (auto created = create(folder); !created) return created.error();
    const auto file = folder / "parley.lock";
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return refused(folder, std::string("cannot be locked: ") + std::strerror(errno));
    if (!lockForWriting(lock)) {
        const Error error{ErrorCode::storage_owned,
                          "data folder \"" + folder.string() + "\": another Parley owns it (pid " +
                              ownerOf(lock) + "). Stop that one first, or name another folder"};
        ::close(lock);
        return error;
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock, 0) != 0 ||
        ::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        const Error error =
            refused(folder, std::string("cannot be written: ") + std::strerror(errno));
        ::close(lock);
        return error;
    }
    return std::unique_ptr<DataFolder>(new DataFolder(folder, lock));
}

std::optional<std::int64_t> DataFolder::freeBytesIn(const std::filesystem::path& folder) {
    std::error_code failed;
    const auto space = std::filesystem::space(folder, failed);
    if (failed) return std::nullopt;
    return static_cast<std::int64_t>(space.available);
}

DataFolder::~DataFolder() {
    ::close(lock_);
}

}  // namespace parley
