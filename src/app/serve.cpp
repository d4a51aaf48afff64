#include "app/audit/question_json.h"
#include "app/cluster/cluster_node.h"
#include "app/commands.h"
#include "app/folder_options.h"
#include "app/reload.h"
#include "app/serve_words.h"
#include "app/service_notice.h"
#include "app/setting_sources.h"
#include "app/signals.h"

#include <parley/app/settings.h>
#include <parley/core/log_json.h>
#include <parley/core/logging.h>
#include <parley/core/process_usage.h>
#include <parley/gateway/gateway.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace parley::app {
namespace {

// The database, the log and a second look at /proc need descriptors too: connections must not
// take the last ones. What is to be logged about it: nothing where the default alone does not fit,
// as long as there is room for many.
std::string fitToDescriptors(net::Options& options) {
    constexpr std::uint64_t kReserve = 64;
    constexpr std::uint64_t kMany = 1000;
    const std::uint64_t allowed = raiseDescriptorLimit();
    const std::uint64_t room = allowed > 2 * kReserve ? allowed - kReserve : allowed / 2;
    std::string limited;
    if (room < options.connectionsMax) {
        const bool isDefault = options.connectionsMax == net::Options().connectionsMax;
        if (!isDefault || room < kMany) {
            limited = fmt::format(
                "fewer_connections at_most={} why=\"this process may open {} files, and "
                "io.connections={} needs {}: raise `ulimit -n`, or LimitNOFILE of the service\"",
                room, allowed, options.connectionsMax, options.connectionsMax + kReserve);
        }
        options.connectionsMax = std::max<std::size_t>(room, 1);
    }
    reserveDescriptors(std::min(options.connectionsMax + kReserve, allowed));
    return limited;
}

[[noreturn]] void storageFailed(const std::string& why) {
    std::cerr << "parley: stopping, because the storage can no longer be trusted: " << why << ".\n";
    std::_Exit(kExitStorage);
}

// For programs that read the log; people read the greeting.
void logListening(const Settings& settings, const std::string& url, Position head) {
    std::error_code failed;
    auto folder = std::filesystem::absolute(settings.engine.dataFolder, failed).lexically_normal();
    if (failed) folder = settings.engine.dataFolder;
    logger().info("listening url={} version={} data=\"{}\" position={} console={}", url,
                  PARLEY_VERSION, folder.string(), head.value,
                  settings.gateway.console.enabled ? url + '/' : "off");
}

// Beside drain.timeout, for what ends the process: the last checkpoint, closing the files.
constexpr std::chrono::seconds kAfterDrain{20};

// Until somebody asks it to stop, by the signal that it returns. `status` is for people.
int serveUntilAsked(Signals& signals, Gateway& gateway, SettingsReload& reload,
                    const std::string& status, std::chrono::milliseconds drainTimeout) {
    const ServiceNotice notice(environmentVariables());
    const Watchdog watchdog(notice, [&] { return gateway.writerTurns(); });
    notice.ready(status);
    const auto readAgain = [&](int signal) {
        notice.reloading();
        const bool done = reload.carryOut(signal, environmentVariables());
        notice.ready(status + (done ? "" : "; the last reload failed, the log says why"));
    };
    const int signal = signals.waitForStop(
        {.reload = readAgain, .tellState = [&] { logger().info("state {}", gateway.state()); }});
    notice.stopping(drainTimeout + kAfterDrain);
    return signal;
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
    if (settings->logFormat == "json") logAsJson();
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
    Settings running = *settings;  // as they were said
    const std::string limited = fitToDescriptors(settings->net);
    settings->engine.onFatal = storageFailed;

    SystemRandom random;
    settings->net.engineio.node = static_cast<std::uint8_t>(settings->cluster.node.run.node);
    const auto node = ClusterNode::open(*settings, clock);
    if (!node) return fail(node.error());
    auto gateway = Gateway::open(settings->gateway, settings->net, settings->engine, clock, random,
                                 node->membership());
    if (!gateway) return fail(gateway.error());
    if (!limited.empty()) logger().warn("{}", limited);  // after any error, which matters more
    (*gateway)->start();
    const auto& checks = (*gateway)->startChecks();
    const std::string url = urlOf(settings->net, (*gateway)->port());
    logListening(*settings, url, checks.head);
    std::cout << greeting({.url = url,
                           .version = PARLEY_VERSION,
                           .dataFolder = settings->engine.dataFolder,
                           .checks = checks,
                           .auth = settings->auth,
                           .certificate = settings->net.tls.certificateFile})
              << std::flush;

    SettingsReload reload(given, running, **gateway);
    const int signal =
        serveUntilAsked(signals, **gateway, reload, "listening on " + url, settings->drainTimeout);
    const auto askedAt = clock.monotonic();
    logger().info("stopping signal={}", signal);
    signals.endOnSecondRequest();
    (*gateway)->stop(settings->drainTimeout);
    logger().info("stopped position={} after_ms={}", (*gateway)->head().value,
                  (clock.monotonic() - askedAt).count());
    std::cout << farewell((*gateway)->head(), checks.head);
    return 0;
}

}  // namespace parley::app
