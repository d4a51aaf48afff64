#include <parley/log/data_folder.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace parley {
namespace {

Error refused(const std::filesystem::path& folder, const std::string& why) {
    return {ErrorCode::storage_failed, "data folder \"" + folder.string() + "\": " + why};
}

std::string ownerOf(int lock) {
    char text[32] = {};
    const auto n = ::pread(lock, text, sizeof text - 1, 0);
    return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : "unknown";
}

}  // namespace

Result<std::unique_ptr<DataFolder>> DataFolder::own(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return refused(folder, "cannot be created: " + failed.message());
    const auto file = folder / "parley.lock";
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return refused(folder, std::string("cannot be locked: ") + std::strerror(errno));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        const Error error = refused(folder, "another Parley owns it (pid " + ownerOf(lock) + ")");
        ::close(lock);
        return error;
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock, 0) != 0 ||
        ::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        const Error error = refused(folder, std::string("cannot be written: ") + std::strerror(errno));
        ::close(lock);
        return error;
    }
    return std::unique_ptr<DataFolder>(new DataFolder(folder, lock));
}

DataFolder::~DataFolder() { ::close(lock_); }

}  // namespace parley
