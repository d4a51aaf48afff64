#include <parley/core/size_text.h>
#include <parley/core/text_file.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace parley {
namespace {

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

Error refused(const std::string& why) {
    return {ErrorCode::invalid_setting, why};
}

Error refusedBySystem(const std::string& what) {
    return refused(what + ": " + std::strerror(errno));
}

Result<File> openRegular(const std::string& path) {
    const int number = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (number < 0) return refusedBySystem("it cannot be opened");
    File file(::fdopen(number, "r"), &std::fclose);
    if (!file) {
        const Error error = refusedBySystem("it cannot be opened");
        ::close(number);
        return error;
    }
    struct stat status {};
    if (::fstat(number, &status) != 0) return refusedBySystem("it cannot be read");
    if (S_ISDIR(status.st_mode)) return refused("it is a folder, not a file");
    if (!S_ISREG(status.st_mode)) return refused("it is no regular file");
    return file;
}

}  // namespace

Result<std::string> readTextFile(const std::string& path, std::size_t bytesMax) {
    auto file = openRegular(path);
    if (!file) return file.error();
    std::string text;
    char block[16 * 1024];
    while (const std::size_t size = std::fread(block, 1, sizeof block, file->get())) {
        text.append(block, size);
        if (text.size() > bytesMax) {
            return refused("it has more than " + sizeText(bytesMax));
        }
    }
    if (std::ferror(file->get()) != 0) return refusedBySystem("it cannot be read");
    return text;
}

}  // namespace parley
