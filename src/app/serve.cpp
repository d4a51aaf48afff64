#include <unistd.h>

#include <algorithm>
#include <iostream>

#include <parley/app/settings.h>
#include <parley/core/logging.h>
#include <parley/core/process_usage.h>
#include <parley/gateway/gateway.h>

#include "app/commands.h"
#include "app/folder_options.h"
#include "app/setting_sources.h"
#include "app/signals.h"

extern char** environ;

namespace parley::app {
namespace {

std::vector<std::string> environmentVariables() {
    std::vector<std::string> variables;
    for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);
    return variables;
}

// The database, the log and a second look at /proc need descriptors too: connections must not
// take the last ones.
void fitToDescriptors(net::Options& options) {
    constexpr std::uint64_t kReserve = 64;
    const std::uint64_t allowed = raiseDescriptorLimit();
    const std::uint64_t room = allowed > 2 * kReserve ? allowed - kReserve : allowed / 2;
    if (room < options.connectionsMax) {
        logger().info("connections_limited_by_descriptors wanted={} allowed={} descriptors={}",
                      options.connectionsMax, room, allowed);
        options.connectionsMax = std::max<std::size_t>(room, 1);
    }
    reserveDescriptors(std::min(options.connectionsMax + kReserve, allowed));
}

[[noreturn]] void storageFailed(const std::string& why) {
    std::cerr << "parley: stopping, because the storage can no longer be trusted: " << why
              << ". What was acknowledged before is safe; what was under way may or may not have "
                 "been stored. Check the disk, then start again.\n";
    std::_Exit(kExitStorage);
}

}  // namespace

int serve(const Given& given) {
    auto settings = mergeSettings(given, environmentVariables());
    if (!settings) return fail(settings.error(), kExitConfig);
    setUpLogging(settings->logLevel);
    for (const auto& [name, why] : settings->ignoredVariables) {
        logger().warn("variable_ignored name={} why={}", name, why);
    }
    for (const auto& warning : settings->warnings) {
        logger().warn("setting_superseded message=\"{}\"", warning);
    }
    settings->gateway.version = PARLEY_VERSION;
    fitToDescriptors(settings->net);
    Signals signals;
    settings->engine.onFatal = storageFailed;

    const SystemClock clock;
    SystemRandom random;
    auto gateway =
        Gateway::open(settings->gateway, settings->net, settings->engine, clock, random);
    if (!gateway) return fail(gateway.error());
    (*gateway)->start();
    const auto& host = settings->net.host;
    std::cout << "parley is listening on http://"
              << (host.find(':') == std::string::npos ? host : "[" + host + "]") << ':'
              << (*gateway)->port() << std::endl;

    logger().info("stopping signal={}", signals.waitForStop());
    signals.endOnSecondRequest();
    (*gateway)->stop(settings->drainTimeout);
    return 0;
}

}  // namespace parley::app
