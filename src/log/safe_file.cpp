#include "log/safe_file.h"

#include "log/system_errors.h"

#include <parley/core/process_usage.h>
#include <parley/core/size_text.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <string>
#include <unistd.h>

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr off_t kWriteOutBytes = 4 << 20;

constexpr std::string_view kPartPrefix = ".parley-copy.";

Error failed(const std::string& what, const fs::path& file) {
    const int number = errno;
    return {folderErrorOf(number), what + " \"" + file.string() + "\": " + std::strerror(number)};
}

Result<void> sync(const fs::path& file, int flags) {
    const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) return failed("cannot open", file);
    Result<void> done;
    if (::fsync(descriptor) != 0) done = failed("cannot sync", file);
    ::close(descriptor);
    return done;
}

bool renameToNew(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    // A file system without that flag: link() refuses an existing name as well.
    if (::link(from.c_str(), to.c_str()) != 0) return false;
    ::unlink(from.c_str());
    return true;
}

bool isStalePart(const fs::path& file) {
    const std::string name = file.filename().string();
    if (!name.starts_with(kPartPrefix)) return false;
    int pid = 0;
    const char* digits = name.data() + kPartPrefix.size();
    std::from_chars(digits, name.data() + name.size(), pid);
    return pid > 0 && pid != ::getpid() && ::kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

fs::path partFileIn(const fs::path& folder) {
    return folder / (std::string(kPartPrefix) + std::to_string(::getpid()) + ".part");
}

void removeStaleParts(const fs::path& folder) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (isStalePart(entry.path())) fs::remove(entry.path(), ignored);
    }
}

Result<void> writeOut(const fs::path& file, const std::function<bool()>& cancelled) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.isOpen()) return failed("cannot open", file);
    const off_t size = ::lseek(opened.number(), 0, SEEK_END);
    constexpr unsigned kWritten =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    for (off_t from = 0; from < size; from += kWriteOutBytes) {
        if (cancelled && cancelled()) return {};
        if (::sync_file_range(opened.number(), from, kWriteOutBytes, kWritten) == 0) continue;
        // A file system that cannot do it leaves all of it to the sync.
        if (errno == EINVAL || errno == ENOSYS || errno == ESPIPE) return {};
        return failed("cannot sync", file);
    }
    return {};
}

Result<void> moveIntoPlace(const fs::path& part, const fs::path& target, bool replace) {
    PARLEY_TRY(sync(part, O_RDONLY));
    const bool renamed =
        replace ? ::rename(part.c_str(), target.c_str()) == 0 : renameToNew(part, target);
    if (!renamed) return failed("cannot put the copy in place as", target);
    const auto folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    return sync(folder, O_RDONLY | O_DIRECTORY);
}

Result<void> checkRoom(const fs::path& folder, std::uintmax_t bytes) {
    std::error_code unknown;
    const auto space = fs::space(folder, unknown);
    int number = unknown.value();
    if (!unknown && ::access(folder.c_str(), W_OK | X_OK) != 0) number = errno;
    if (number != 0) {
        return Error{folderErrorOf(number),
                     "folder \"" + folder.string() + "\" cannot be used: " + std::strerror(number)};
    }
    if (const auto limit = fileSizeLimit(); limit && *limit < bytes) {
        return Error{ErrorCode::storage_full, "the copy needs " + sizeText(bytes) +
                                                  ", and this process may write files of " +
                                                  sizeText(*limit) + " at most (ulimit -f)"};
    }
    if (space.available >= bytes) return {};
    return Error{ErrorCode::storage_full, "folder \"" + folder.string() + "\" has room for " +
                                              sizeText(space.available) + ", the copy needs " +
                                              sizeText(bytes)};
}

}  // namespace parley
