#include <parley/core/process_name.h>
#include <parley/log/data_folder.h>
#include <parley/log/lock_holder.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace parley {
namespace {

// SQLite's file format: the WAL-index's lock bytes begin at 120, the first is the writer's.
constexpr std::int64_t kWriteLockByte = 120;

struct Lock {
    std::string kind;
    pid_t pid = 0;
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;  // included
};

template <typename Number>
bool parse(std::string_view text, Number& out, int base = 10) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc() && end == text.data() + text.size();
}

// "fe:00:131": major and minor number in hexadecimal, the inode in decimal.
bool parseFile(std::string_view text, Lock& lock) {
    const auto first = text.find(':');
    const auto second = text.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return false;
    unsigned int major = 0;
    unsigned int minor = 0;
    if (!parse(text.substr(0, first), major, 16) ||
        !parse(text.substr(first + 1, second - first - 1), minor, 16)) {
        return false;
    }
    lock.device = makedev(major, minor);
    return parse(text.substr(second + 1), lock.inode);
}

// "1: POSIX  ADVISORY  WRITE 4711 fe:00:131 120 120"; one that waits has "->" behind its number.
std::optional<Lock> parseWriteLock(const std::string& line) {
    std::istringstream fields(line);
    std::string number, kind, advisory, access, pid, file, from, to;
    if (!(fields >> number >> kind >> advisory >> access >> pid >> file >> from >> to)) {
        return std::nullopt;
    }
    Lock lock;
    lock.kind = kind;
    if (access != "WRITE" || !parse(pid, lock.pid) || !parseFile(file, lock)) return std::nullopt;
    if (!parse(from, lock.from)) return std::nullopt;
    if (to == "EOF") {
        lock.to = INT64_MAX;
    } else if (!parse(to, lock.to)) {
        return std::nullopt;
    }
    return lock;
}

bool matches(const Lock& lock, const LockSought& sought) {
    if (lock.inode != sought.inode || lock.pid <= 0) return false;
    if (sought.kind == LockSought::Kind::flock) return lock.kind == "FLOCK";
    return lock.kind == "POSIX" && lock.from <= sought.byte && sought.byte <= lock.to;
}

std::optional<LockHolder> holderOf(const std::filesystem::path& file, LockSought::Kind kind,
                                   std::int64_t byte) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) return std::nullopt;
    std::ifstream locks("/proc/locks");
    const auto pid = pidOfWriter(locks, {kind, found.st_dev, found.st_ino, byte});
    if (!pid || *pid == ::getpid()) return std::nullopt;
    return LockHolder{*pid, processFile(*pid, "comm"), processFile(*pid, "cmdline")};
}

}  // namespace

std::optional<pid_t> pidOfWriter(std::istream& locks, const LockSought& sought) {
    std::optional<pid_t> otherDevice;
    for (std::string line; std::getline(locks, line);) {
        const auto lock = parseWriteLock(line);
        if (!lock || !matches(*lock, sought)) continue;
        if (lock->device == sought.device) return lock->pid;
        otherDevice = lock->pid;
    }
    return otherDevice;
}

std::optional<LockHolder> writeLockHolder(const std::filesystem::path& database) {
    return holderOf(walIndexOf(database), LockSought::Kind::posix, kWriteLockByte);
}

std::string toText(const std::optional<LockHolder>& holder) {
    return holder ? processText(holder->pid, holder->name)
                  : "a process that cannot be seen from here";
}

std::optional<LockHolder> flockHolder(const std::filesystem::path& file) {
    return holderOf(file, LockSought::Kind::flock, 0);
}

}  // namespace parley
