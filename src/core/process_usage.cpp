#include <parley/core/process_usage.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace parley {
namespace {

std::string firstLine(const char* path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::uint64_t countDescriptors() {
    std::error_code failed;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator it("/proc/self/fd", failed), end; !failed && it != end;
         it.increment(failed)) {
        ++count;
    }
    return count > 0 ? count - 1 : 0;  // less the one that reads the folder
}

std::uint64_t softLimit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

double bootedAt() {
    std::ifstream file("/proc/stat");
    std::string key;
    double value = 0;
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        if (fields >> key >> value && key == "btime") return value;
    }
    return 0;
}

}  // namespace

ProcessUsage processUsage() {
    ProcessUsage usage;
    usage.openDescriptors = countDescriptors();
    usage.descriptorsMax = softLimit();
    const auto pageBytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::uint64_t pages = 0;
    std::uint64_t residentPages = 0;
    if (std::istringstream(firstLine("/proc/self/statm")) >> pages >> residentPages) {
        usage.virtualBytes = pages * pageBytes;
        usage.residentBytes = residentPages * pageBytes;
    }
    // The program's name is in parentheses and may hold blanks; field 3 comes behind the last one.
    const std::string stat = firstLine("/proc/self/stat");
    std::istringstream fields(
        stat.substr(stat.rfind(')') == stat.npos ? stat.size() : stat.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    double started = 0;
    fields >> user >> system;
    for (int field = 16; field < 22; ++field) fields >> skipped;
    fields >> started;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    usage.cpuSeconds = (user + system) / ticks;
    usage.startedAt = bootedAt() + started / ticks;
    return usage;
}

std::uint64_t raiseDescriptorLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return softLimit();
}

std::optional<std::uint64_t> fileSizeLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return {};
    return limit.rlim_cur;
}

void reserveDescriptors(std::uint64_t count) {
    if (count == 0 || count > softLimit()) return;
    const int any = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (any < 0) return;
    const int last = ::fcntl(any, F_DUPFD_CLOEXEC, static_cast<int>(count - 1));
    if (last >= 0) ::close(last);
    ::close(any);
}

}  // namespace parley
