#include "net/port_owner.h"

#include <parley/core/process_name.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace parley::net {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListens = "0A";  // TCP_LISTEN, as the kernel's tables show it

// The folders of processes are their pids; nothing: another one.
std::optional<pid_t> pidOf(const std::string& folder) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(folder.data(), folder.data() + folder.size(), pid);
    if (error != std::errc() || end != folder.data() + folder.size()) return std::nullopt;
    return pid;
}

// Descriptors are links to "socket:[INODE]".
bool hasOneOf(const fs::path& process, const std::set<std::uint64_t>& inodes) {
    std::error_code error;
    for (fs::directory_iterator at(process / "fd", error), end; !error && at != end;
         at.increment(error)) {
        std::error_code gone;
        const std::string target = fs::read_symlink(at->path(), gone).string();
        if (gone || !target.starts_with("socket:[")) continue;
        if (inodes.contains(std::strtoull(target.c_str() + 8, nullptr, 10))) return true;
    }
    return false;
}

}  // namespace

std::set<std::uint64_t> listeningOn(std::istream& table, std::uint16_t port) {
    std::set<std::uint64_t> inodes;
    std::string line;
    std::getline(table, line);  // the headings
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string number, local, remote, state, queues, timer, retransmits, user, timeout;
        std::uint64_t inode = 0;
        if (!(fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >>
              user >> timeout >> inode)) {
            continue;
        }
        const auto colon = local.rfind(':');
        if (state != kListens || colon == std::string::npos) continue;
        if (std::strtoul(local.c_str() + colon + 1, nullptr, 16) == port) inodes.insert(inode);
    }
    return inodes;
}

std::optional<std::string> processListeningOn(std::uint16_t port) {
    std::set<std::uint64_t> inodes;
    for (const char* name : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream table(name);
        inodes.merge(listeningOn(table, port));
    }
    if (inodes.empty()) return std::nullopt;
    std::error_code error;
    for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
        const auto pid = pidOf(at->path().filename().string());
        if (pid && hasOneOf(at->path(), inodes))
            return processText(*pid, processFile(*pid, "comm"));
    }
    return std::nullopt;
}

}  // namespace parley::net
