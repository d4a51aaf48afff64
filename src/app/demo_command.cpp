#include <charconv>
#include <cmath>
#include <filesystem>
#include <iostream>

#include <parley/app/demo.h>
#include <parley/core/logging.h>

#include "app/commands.h"

namespace parley::app {
namespace {

// Beside the program's source tree, or below the folder the program was started in.
std::filesystem::path findSamples() {
    for (const std::filesystem::path folder : {"data/sample", PARLEY_SAMPLES_DIR}) {
        if (std::filesystem::exists(folder / "people.json")) return folder;
    }
    return PARLEY_SAMPLES_DIR;
}

int usageError(const std::string& message) {
    std::cerr << "parley demo: " << message << '\n';
    return kExitUsage;
}

}  // namespace

int demo(const std::vector<std::string>& arguments) {
    setUpLogging("warn");
    DemoOptions options{.dataDir = findSamples(), .out = std::cout};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& argument = arguments[i];
        if (argument == "--force") {
            options.force = true;
        } else if (i + 1 == arguments.size()) {
            return usageError("unexpected argument \"" + argument + "\"");
        } else if (argument == "--url") {
            options.url = arguments[++i];
        } else if (argument == "--samples") {
            options.dataDir = arguments[++i];
        } else if (argument == "--pace") {
            const auto& text = arguments[++i];
            double seconds = -1;
            std::from_chars(text.data(), text.data() + text.size(), seconds);
            if (!(seconds >= 0 && seconds <= 86'400)) {
                return usageError("--pace must be seconds from 0 to 86400");
            }
            options.pace = std::chrono::milliseconds(std::llround(seconds * 1000));
        } else {
            return usageError("unexpected argument \"" + argument + "\"");
        }
    }
    auto report = runDemo(options);
    if (!report) {
        std::cerr << "parley demo: " << report.error().message << '\n';
        return kExitFound;
    }
    return report->leaksToCustomers == 0 ? 0 : kExitFound;
}

}  // namespace parley::app
