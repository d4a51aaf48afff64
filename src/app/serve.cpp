#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <thread>

#include <parley/app/settings.h>
#include <parley/core/logging.h>
#include <parley/core/process_usage.h>
#include <parley/gateway/gateway.h>

#include "app/commands.h"

extern char** environ;

namespace parley::app {
namespace {

std::vector<std::string> environmentVariables() {
    std::vector<std::string> variables;
    for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);
    return variables;
}

// Blocked before any thread starts, so that only sigwait below takes them.
sigset_t blockSignals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return set;
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

// Whoever asks twice means now. What was acknowledged is on the disk already.
void endOnSecondSignal(const sigset_t& signals) {
    std::thread([signals] {
        int signal = 0;
        sigwait(&signals, &signal);
        logger().warn("stopped_at_once signal={}", signal);
        std::_Exit(128 + signal);
    }).detach();
}

[[noreturn]] void storageFailed(const std::string& why) {
    std::cerr << "parley: stopping, because the storage can no longer be trusted: " << why
              << ". What was acknowledged before is safe; what was under way may or may not have "
                 "been stored. Check the disk, then start again.\n";
    std::_Exit(kExitStorage);
}

}  // namespace

int serve(const std::vector<std::string>& arguments) {
    auto settings = readSettings(arguments, environmentVariables());
    if (!settings) {
        std::cerr << "parley: " << settings.error().message << '\n';
        return kExitConfig;
    }
    setUpLogging(settings->logLevel);
    for (const auto& [name, why] : settings->ignoredVariables) {
        logger().warn("variable_ignored name={} why={}", name, why);
    }
    for (const auto& warning : settings->warnings) {
        logger().warn("setting_superseded message=\"{}\"", warning);
    }
    settings->gateway.version = PARLEY_VERSION;
    fitToDescriptors(settings->net);
    const sigset_t signals = blockSignals();
    settings->engine.onFatal = storageFailed;

    const SystemClock clock;
    SystemRandom random;
    auto gateway =
        Gateway::open(settings->gateway, settings->net, settings->engine, clock, random);
    if (!gateway) {
        std::cerr << "parley: " << gateway.error().message << '\n';
        return exitStatusOf(gateway.error());
    }
    (*gateway)->start();
    const auto& host = settings->net.host;
    std::cout << "parley is listening on http://"
              << (host.find(':') == std::string::npos ? host : "[" + host + "]") << ':'
              << (*gateway)->port() << std::endl;

    int signal = 0;
    sigwait(&signals, &signal);
    logger().info("stopping signal={}", signal);
    endOnSecondSignal(signals);
    (*gateway)->stop(settings->drainTimeout);
    return 0;
}

}  // namespace parley::app
