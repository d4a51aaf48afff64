#include "app/commands.h"
#include "app/folder_options.h"
#include "app/signals.h"

#include <parley/app/demo.h>
#include <parley/core/clock.h>
#include <parley/core/logging.h>

#include <charconv>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <signal.h>
#include <unistd.h>

namespace parley::app {
namespace {

// Below the folder that the program was started in, where a package puts them, or in the source
// tree from which the program was built.
std::filesystem::path findSamples() {
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    const auto packaged = program.parent_path().parent_path() / "share/parley/sample";
    for (const std::filesystem::path& folder : {std::filesystem::path("data/sample"), packaged,
                                                std::filesystem::path(PARLEY_SAMPLES_DIR)}) {
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

volatile std::sig_atomic_t stopAsked = 0;

// The first request lets everybody leave, a second one ends the program.
void onSignal(int signal) {
    static SignalRule rule(true);
    const auto meaning = rule.of(signal, SystemClock().monotonic());
    if (meaning == SignalMeaning::stop) stopAsked = 1;
    if (meaning == SignalMeaning::endAtOnce) ::_exit(128 + signal);
}

void listenForStop() {
    struct sigaction action {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&action.sa_mask, signal);
    for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

}  // namespace

int demo(const Given& given) {
    setUpLogging("warn");
    DemoOptions options{.dataDir = findSamples(), .out = std::cout};
    options.url = textOf(given, "url", options.url);
    options.ca = textOf(given, "ca", options.ca);
    options.dataDir = textOf(given, "samples", options.dataDir);
    options.force = isOn(given, "force");
    if (given.contains("keys")) {
        options.keys =
            DemoKeys{given.at("keys"), textOf(given, "issuer"), textOf(given, "audience")};
    } else if (given.contains("issuer") || given.contains("audience")) {
        return fail({ErrorCode::invalid_value, "--issuer and --audience go with --keys"},
                    kExitUsage);
    }
    options.live = isOn(given, "live");
    if (options.live && (options.force || given.contains("pace"))) {
        return fail({ErrorCode::invalid_value, "--live goes with neither --pace nor --force"},
                    kExitUsage);
    }
    if (options.live) listenForStop();
    options.stopped = [] { return stopAsked != 0; };
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
