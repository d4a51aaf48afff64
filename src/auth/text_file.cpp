#include "auth/text_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace parley::auth {
Result<std::string> readTextFile(const std::string& path, std::size_t bytesMax) {
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "re"),
                                                                  &std::fclose);
    if (!file) return refused(std::string("it cannot be opened: ") + std::strerror(errno));
    std::string text;
    char block[16 * 1024];
    while (const std::size_t size = std::fread(block, 1, sizeof block, file.get())) {
        text.append(block, size);
        if (text.size() > bytesMax) {
            return refused("it has more than " + std::to_string(bytesMax) + " bytes");
        }
    }
    if (std::ferror(file.get()) != 0) {
        return refused(std::string("it cannot be read: ") + std::strerror(errno));
    }
    return text;
}

}  // namespace parley::auth
