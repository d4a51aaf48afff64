#include "support/temp_folder.h"

#include <parley/core/text_file.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <string>
#include <sys/stat.h>

using namespace parley;

namespace {

constexpr std::size_t kBytesMax = 40'000;

std::string readingOf(const std::string& path) {
    const auto text = readTextFile(path, kBytesMax);
    return text ? "read: " + *text : text.error().message;
}

}  // namespace

TEST_CASE("a file is read whole, up to its limit") {
    const TempFolder folder;
    const std::string path = folder / "text";
    const std::string longest(kBytesMax, 'x');
    std::ofstream(path) << longest;
    CHECK(readingOf(path) == "read: " + longest);
    std::ofstream(path, std::ios::app) << 'x';
    CHECK(readingOf(path) == "it has more than 40 kB");
    CHECK(readingOf("/proc/self/status").starts_with("read: "));  // its size is said to be 0
}

TEST_CASE("what is no regular file is refused at once, also a FIFO that nobody writes to") {
    const TempFolder folder;
    const std::string fifo = folder / "fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(readingOf(fifo) == "it is no regular file");
    CHECK(readingOf("/dev/zero") == "it is no regular file");
    CHECK(readingOf(folder.path()) == "it is a folder, not a file");
    CHECK(readingOf(folder / "absent") == "it cannot be opened: No such file or directory");
}
