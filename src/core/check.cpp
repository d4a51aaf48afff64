#include <parley/core/check.h>

#include <spdlog/spdlog.h>

#include <cstdlib>

namespace parley {

void checkFailed(std::string_view condition, std::string_view file, int line) {
    spdlog::critical("check_failed condition=\"{}\" at={}:{}", condition, file, line);
    spdlog::shutdown();
    std::abort();
}

}  // namespace parley
