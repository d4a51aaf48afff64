#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include <parley/app/settings.h>
#include <parley/core/logging.h>
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
    for (const auto& name : settings->ignoredVariables) {
        logger().warn("unknown_variable_ignored name={}", name);
    }
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
    (*gateway)->stop(settings->drainTimeout);
    return 0;
}

}  // namespace parley::app
