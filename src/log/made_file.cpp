#include "log/made_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parley {
namespace {

namespace fs = std::filesystem;

// None is open where one is there already; errno says so.
Descriptor makeFile(const fs::path& file, int flags) {
    Descriptor made(::open(file.c_str(), flags | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (made.isOpen()) {
        giveToOwnerOf(file.has_parent_path() ? file.parent_path() : fs::path("."), made);
    }
    return made;
}

}  // namespace

void giveToOwnerOf(const fs::path& folder, const Descriptor& made) {
    struct stat above {};
    if (::geteuid() != 0 || !made.isOpen() || ::stat(folder.c_str(), &above) != 0) return;
    if (above.st_uid == 0) return;
    [[maybe_unused]] const int ignored = ::fchown(made.number(), above.st_uid, above.st_gid);
}

OpenedFile openOrMake(const fs::path& file, int flags) {
    Descriptor made = makeFile(file, flags);
    if (made.isOpen() || errno != EEXIST) return {std::move(made), true};
    return {Descriptor(::open(file.c_str(), flags | O_CREAT | O_CLOEXEC, kFileMode)), false};
}

void makeFileForSqlite(const fs::path& file) {
    // An error here occurs again when SQLite opens the file, which then reports it.
    makeFile(file, O_WRONLY);
}

}  // namespace parley
