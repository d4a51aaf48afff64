#include "net/port_owner.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace parley::net {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListens = "0A";  // TCP_LISTEN, as the kernel's tables show it

bool isPid(const std::string& name) {
    return !name.empty() &&
           std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c); });
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

std::string nameOf(const fs::path& process) {
    std::string name;
    std::ifstream comm(process / "comm");
    std::getline(comm, name);
    std::erase_if(name, [](unsigned char c) { return !std::isprint(c); });
    return name;
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
        const std::string pid = at->path().filename().string();
        if (!isPid(pid) || !hasOneOf(at->path(), inodes)) continue;
        const std::string name = nameOf(at->path());
        return "pid " + pid + (name.empty() ? "" : " (" + name + ")");
    }
    return std::nullopt;
}

}  // namespace parley::net
