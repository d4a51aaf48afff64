#include "fuzz/fuzz.h"

#include <parley/app/settings.h>
#include <parley/core/rate.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace parley;

namespace {

/// The file for the target's bytes; one per process.
const std::string& path() {
    static const std::string name = [] {
        const char* folder = std::getenv("TMPDIR");
        return std::string(folder ? folder : "/tmp") + "/parley-settings-fuzz-" +
               std::to_string(::getpid());
    }();
    return name;
}

}  // namespace

// A configuration file: settings within their ranges, or a refusal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::ofstream(path(), std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    const auto settings = readSettings({"--config", path()}, {});
    ::unlink(path().c_str());
    if (!settings) {
        fuzz::require(!settings.error().message.empty(), "a refusal says why");
        return 0;
    }
    for (const auto& info : settingTable()) {
        if (info.unit == "text" || info.unit == "switch") continue;
        if (info.unit == "rate") {
            fuzz::require(parseRate(info.get(*settings)).ok(), "a rate is one");
            continue;
        }
        const std::int64_t value = std::stoll(info.get(*settings));
        fuzz::require(value >= info.min && value <= info.max, "a setting is within its range");
    }
    return 0;
}
