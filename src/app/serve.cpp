#include "app/audit/question_json.h"
#include "app/commands.h"
#include "app/folder_options.h"
#include "app/serve_words.h"
#include "app/setting_sources.h"
#include "app/signals.h"

#include <parley/app/settings.h>
#include <parley/core/logging.h>
#include <parley/core/process_usage.h>
#include <parley/gateway/gateway.h>

#include <algorithm>
#include <iostream>
#include <unistd.h>

extern char** environ;

namespace parley::app {
namespace {

std::vector<std::string> environmentVariables() {
    std::vector<std::string> variables;
    for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);
    return variables;
}

// The database, the log and a second look at /proc need descriptors too: connections must not
// take the last ones. What is to be logged about it, empty if nothing.
std::string fitToDescriptors(net::Options& options) {
    constexpr std::uint64_t kReserve = 64;
    const std::uint64_t allowed = raiseDescriptorLimit();
    const std::uint64_t room = allowed > 2 * kReserve ? allowed - kReserve : allowed / 2;
    std::string limited;
    if (room < options.connectionsMax) {
        limited = fmt::format(
            "connections_limited_by_descriptors wanted={} allowed={} "
            "descriptors={}",
            options.connectionsMax, room, allowed);
        options.connectionsMax = std::max<std::size_t>(room, 1);
    }
    reserveDescriptors(std::min(options.connectionsMax + kReserve, allowed));
    return limited;
}

[[noreturn]] void storageFailed(const std::string& why) {
    std::cerr << "parley: stopping, because the storage can no longer be trusted: " << why << ".\n";
    std::_Exit(kExitStorage);
}

// Carries out a SIGHUP, and says for the log what was done.
std::string reload(Gateway& gateway) {
    const auto done = gateway.reload();
    if (!done) {
        logger().error("reload_failed code={} message=\"{}\"", done.error().name(),
                       done.error().message);
        return "nothing: what was read before still counts";
    }
    if (done->tokens && done->certificate) {
        return "read the keys, the revocations and the certificate again";
    }
    if (done->tokens) return "read the keys and the revocations again";
    if (done->certificate) return "read the certificate again";
    return "nothing: there is nothing to reload";
}

}  // namespace

int serve(const Given& given) {
    return serveBy(SystemClock(), given);
}

int serveBy(const Clock& clock, const Given& given) {
    Signals signals;  // first: a service manager may ask for a reload right after the start
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
    settings->gateway.sql.program = "/proc/self/exe";
    settings->gateway.sql.questions = questionsJson();
    settings->gateway.auth = settings->auth;
    const std::string limited = fitToDescriptors(settings->net);
    settings->engine.onFatal = storageFailed;

    SystemRandom random;
    auto gateway = Gateway::open(settings->gateway, settings->net, settings->engine, clock, random);
    if (!gateway) return fail(gateway.error());
    if (!limited.empty()) logger().info("{}", limited);  // after any error, which matters more
    (*gateway)->start();
    const auto& checks = (*gateway)->startChecks();
    std::cout << greeting({.url = urlOf(settings->net, (*gateway)->port()),
                           .version = PARLEY_VERSION,
                           .dataFolder = settings->engine.dataFolder,
                           .checks = checks,
                           .auth = settings->auth,
                           .certificate = settings->net.tls.certificateFile})
              << std::flush;

    logger().info("stopping signal={}", signals.waitForStop([&] { return reload(**gateway); }));
    signals.endOnSecondRequest();
    (*gateway)->stop(settings->drainTimeout);
    std::cout << farewell((*gateway)->head(), checks.head);
    return 0;
}

}  // namespace parley::app
