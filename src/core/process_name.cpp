#include <parley/core/process_name.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <utility>

namespace parley {
namespace {

constexpr std::size_t kReadBytesMax = 4096;
constexpr std::size_t kShownBytesMax = 200;

// For the log and for JSON: printable ASCII only.
std::string onOneLine(std::string text) {
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, ' ');
    while (!text.empty() && text.back() == ' ') text.pop_back();
    if (text.size() > kShownBytesMax) text.replace(kShownBytesMax, std::string::npos, "...");
    return text;
}

}  // namespace

std::string processFile(pid_t pid, const char* file) {
    std::ifstream in("/proc/" + std::to_string(pid) + '/' + file, std::ios::binary);
    std::string text(kReadBytesMax, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return onOneLine(std::move(text));
}

std::string processText(pid_t pid, const std::string& name) {
    return "pid " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace parley
