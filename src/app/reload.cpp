#include "app/reload.h"

#include "app/joined.h"
#include "app/setting_sources.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace parley::app {
namespace {

constexpr std::array<std::string_view, 5> kAtOnce{"log.level", "cors.origins", "console.name",
                                                  "console.waiting-long",
                                                  "console.waiting-too-long"};

bool countsAtOnce(std::string_view name) {
    return std::find(kAtOnce.begin(), kAtOnce.end(), name) != kAtOnce.end();
}

std::string filesWords(const Reloaded& done) {
    if (done.tokens && done.certificate) {
        return "read the keys, the revocations and the certificate again";
    }
    if (done.tokens) return "read the keys and the revocations again";
    if (done.certificate) return "read the certificate again";
    return "";
}

std::string wordsOf(const Reloaded& done, const SettingChanges& changes) {
    std::vector<std::string> words;
    if (auto files = filesWords(done); !files.empty()) words.push_back(std::move(files));
    if (!changes.atOnce.empty()) words.push_back("changed " + joined(changes.atOnce));
    if (!changes.atRestart.empty()) {
        words.push_back("need a restart: " + joined(changes.atRestart));
    }
    return words.empty() ? "nothing: there is nothing to reload" : joined(words, "; ");
}

// Those of `read` that count at once, and of the others those that the server runs with.
std::vector<SettingInForce> inForce(const std::vector<SettingInForce>& running,
                                    const std::vector<SettingInForce>& read) {
    std::vector<SettingInForce> out;
    for (const auto& info : settingTable()) {
        const auto& from = countsAtOnce(info.name) ? read : running;
        const auto found = std::find_if(from.begin(), from.end(), [&](const SettingInForce& one) {
            return one.name == info.name;
        });
        if (found != from.end()) out.push_back(*found);
    }
    return out;
}

// The line is to be seen, whichever of the two levels hides it.
void logAndSetLevel(int signal, const std::string& words, const std::string& level) {
    const auto log = [&] { logger().info("reload_asked signal={} done=\"{}\"", signal, words); };
    const bool before = logger().should_log(spdlog::level::info);
    if (before) log();
    logger().set_level(spdlog::level::from_str(level));
    if (!before) log();
}

}  // namespace

SettingChanges changesBetween(const Settings& running, const Settings& read) {
    SettingChanges changes;
    for (const auto& info : settingTable()) {
        const std::string now = info.get(read);
        if (now == info.get(running)) continue;
        const std::string name(info.name);
        if (countsAtOnce(name)) {
            changes.atOnce.push_back(name + '=' + now);
        } else {
            changes.atRestart.push_back(name);
        }
    }
    return changes;
}

bool SettingsReload::carryOut(int signal, const std::vector<std::string>& variables) {
    auto read = mergeSettings(given_, variables);
    Result<Reloaded> done = Error{};
    auto settings = running_.gateway.settings;
    if (read) {
        settings = inForce(settings, read->gateway.settings);
        done = gateway_.reload({.corsOrigins = read->net.corsOrigins,
                                .console = read->gateway.console,
                                .settings = settings});
    } else {
        done = read.error();
    }
    gateway_.noteReload(done.ok());
    if (!done) {
        logger().error("reload_failed code={} message=\"{}\"", done.error().name(),
                       done.error().message);
        logger().info("reload_asked signal={} done=\"nothing: what was read before still counts\"",
                      signal);
        return false;
    }
    const auto changes = changesBetween(running_, *read);
    running_.logLevel = read->logLevel;
    running_.net.corsOrigins = read->net.corsOrigins;
    const bool enabled = running_.gateway.console.enabled;
    running_.gateway.console = read->gateway.console;
    running_.gateway.console.enabled = enabled;
    running_.gateway.settings = std::move(settings);
    logAndSetLevel(signal, wordsOf(*done, changes), running_.logLevel);
    return true;
}

}  // namespace parley::app
