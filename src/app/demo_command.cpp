#include <charconv>
#include <cmath>
#include <filesystem>
#include <iostream>

#include <parley/app/demo.h>
#include <parley/core/logging.h>

#include "app/commands.h"
#include "app/folder_options.h"

namespace parley::app {
namespace {

// Beside the program's source tree, or below the folder the program was started in.
std::filesystem::path findSamples() {
    for (const std::filesystem::path folder : {"data/sample", PARLEY_SAMPLES_DIR}) {
        if (std::filesystem::exists(folder / "people.json")) return folder;
    }
    return PARLEY_SAMPLES_DIR;
}

Result<std::chrono::milliseconds> paceOf(const std::string& text) {
    double seconds = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size() && seconds >= 0 &&
        seconds <= 86'400) {
        return std::chrono::milliseconds(std::llround(seconds * 1000));
    }
    return Error{ErrorCode::invalid_value,
                 "--pace must be seconds from 0 to 86400, not \"" + text + "\""};
}

}  // namespace

int demo(const Given& given) {
    setUpLogging("warn");
    DemoOptions options{.dataDir = findSamples(), .out = std::cout};
    options.url = textOf(given, "url", options.url);
    options.dataDir = textOf(given, "samples", options.dataDir);
    options.force = isOn(given, "force");
    if (given.contains("pace")) {
        const auto pace = paceOf(given.at("pace"));
        if (!pace) return fail(pace.error(), kExitUsage);
        options.pace = *pace;
    }
    auto report = runDemo(options);
    if (!report) return fail(report.error(), kExitFound);
    return report->leaksToCustomers == 0 ? 0 : kExitFound;
}

}  // namespace parley::app
