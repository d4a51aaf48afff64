#include <parley/log/data_folder.h>
#include <parley/log/file_watch.h>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace parley {
namespace {

namespace fs = std::filesystem;

// SQLite's file format: https://www.sqlite.org/fileformat.html#the_database_header
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kChangeCounterAt = 24;
constexpr std::size_t kApplicationIdAt = 68;

// A check may fall into the middle of a write, so a bad result is checked again.
constexpr std::chrono::milliseconds kLookAgainAfter{20};

FileId idOf(const struct stat& found) {
    return {found.st_dev, found.st_ino};
}

std::uint32_t bigEndian(const unsigned char* bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
           std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// A descriptor that this process has open.
struct OwnFile {
    int number = -1;
    FileId id;
};

std::vector<OwnFile> ownFiles() {
    std::vector<OwnFile> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd", failed)) {
        const std::string name = entry.path().filename().string();
        OwnFile one;
        struct stat status {};
        const auto [end, error] =
            std::from_chars(name.data(), name.data() + name.size(), one.number);
        // By its name in /proc: most numbers are other threads', which may close them meanwhile.
        if (error != std::errc() || ::stat(entry.path().c_str(), &status) != 0) continue;
        one.id = idOf(status);
        found.push_back(one);
    }
    return found;
}

// Where a database is a link, its WAL stands beside what it points to.
fs::path realFile(Database& db) {
    return sqlite3_db_filename(db.sqlite().getHandle(), "main");
}

std::string said(const fs::path& file, const char* what) {
    return "\"" + file.string() + "\" was " + what + " while it was in use";
}

}  // namespace

Result<std::unique_ptr<FileWatch>> FileWatch::open(Database& db, const fs::path& folder) {
    const fs::path real = realFile(db);
    return watch(db, {DataFolder::databaseIn(folder), walOf(real), walIndexOf(real),
                      DataFolder::lockIn(folder)});
}

Result<std::unique_ptr<FileWatch>> FileWatch::openFor(Database& db, const fs::path& file) {
    const fs::path real = realFile(db);
    return watch(db, {file, walOf(real), walIndexOf(real)});
}

Result<std::unique_ptr<FileWatch>> FileWatch::watch(Database& db,
                                                    const std::vector<fs::path>& files) {
    std::unique_ptr<FileWatch> watch(new FileWatch(db.schema()));
    const auto own = ownFiles();
    for (const fs::path& file : files) {
        struct stat status {};
        if (::stat(file.c_str(), &status) != 0) {
            return Error{ErrorCode::storage_failed, said(file, "deleted")};
        }
        const auto opened = std::find_if(
            own.begin(), own.end(), [&](const OwnFile& one) { return one.id == idOf(status); });
        if (opened == own.end()) {
            return Error{ErrorCode::storage_failed, said(file, "replaced")};
        }
        watch->watched_.push_back({file, opened->id, opened->number});
    }
    watch->last_ = watch->shape().value_or(Shape{});
    return watch;
}

std::optional<std::string> FileWatch::harm() {
    for (const auto& watched : watched_) {
        struct stat status {};
        if (::stat(watched.file.c_str(), &status) != 0) {
            // Any other error, such as a folder that may no longer be searched, proves nothing.
            if (errno == ENOENT || errno == ENOTDIR) return said(watched.file, "deleted or moved");
        } else if (idOf(status) != watched.id) {
            return said(watched.file, "replaced");
        }
    }
    if (!overwritten()) return std::nullopt;
    std::this_thread::sleep_for(kLookAgainAfter);
    return overwritten();
}

std::optional<FileWatch::Shape> FileWatch::shape() const {
    const Watched& database = watched_.front();
    struct stat status {};
    if (::fstat(database.descriptor, &status) != 0 || idOf(status) != database.id) {
        return std::nullopt;
    }
    std::array<unsigned char, kHeaderBytes> header{};
    if (::pread(database.descriptor, header.data(), header.size(), 0) < 0) return std::nullopt;
    Shape shape;
    shape.bytes = status.st_size;
    shape.changes = bigEndian(header.data() + kChangeCounterAt);
    shape.isMarked = std::memcmp(header.data(), kMagic.data(), kMagic.size()) == 0 &&
                     bigEndian(header.data() + kApplicationIdAt) ==
                         static_cast<std::uint32_t>(schema_.applicationId);
    return shape;
}

// Each transaction that changes the file's size writes its header, and counts up in it.
std::optional<std::string> FileWatch::overwritten() {
    const auto now = shape();
    if (!now) return std::nullopt;
    const auto& database = watched_.front().file;
    const auto counted = static_cast<std::int32_t>(now->changes - last_.changes);
    if (!now->isMarked || counted < 0) return said(database, "overwritten");
    if (now->bytes < last_.bytes && counted == 0) return said(database, "cut short");
    last_ = *now;
    return std::nullopt;
}

}  // namespace parley
